-- Whether the sender was shadow banned: nobody but the sender and the back office is to see it.
ALTER TABLE messages ADD COLUMN shadowed BOOLEAN NOT NULL DEFAULT FALSE;
