-- What a row is about to change in a chat elsewhere, stored before the call: JSON, the targets as
-- in change_intents; '' for a row that has not begun, or is done.
ALTER TABLE job_rows ADD COLUMN intent TEXT NOT NULL DEFAULT '';
