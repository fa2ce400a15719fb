-- Who alone may see a message, besides its sender: ids, with a comma on both sides of
-- each; '' for all who may read its channel.
ALTER TABLE messages ADD COLUMN audience TEXT NOT NULL DEFAULT '';
