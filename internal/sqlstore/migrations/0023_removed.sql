-- Of what was removed nothing is kept.
DROP TABLE pending_messages;
DROP TABLE devices;
DROP TABLE reminders;
DROP TABLE drafts;
DROP TABLE poll_votes;
DROP TABLE polls;
DROP TABLE locations;
DROP TABLE user_group_members;
DROP TABLE user_groups;
DELETE FROM settings WHERE kind = 'command';
