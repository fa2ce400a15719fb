-- Whether a user wrote in a channel, and when last, without a look at all that the
-- user wrote elsewhere.

DROP INDEX messages_by_sender;
CREATE INDEX messages_by_sender ON messages (sender, channel);
