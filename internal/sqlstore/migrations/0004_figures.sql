-- How many members a channel has, so that a list of channels need not count them.

ALTER TABLE channels ADD COLUMN member_count BIGINT NOT NULL DEFAULT 0;
UPDATE channels SET member_count = (SELECT COUNT(*) FROM members WHERE channel = channels.no);
