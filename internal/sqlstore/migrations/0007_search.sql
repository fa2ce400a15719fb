-- A message's text in one case, to search by; '' where lower(text) is the same.

ALTER TABLE messages ADD COLUMN text_key TEXT NOT NULL DEFAULT '';
