-- Whose a file is to delete: the cid of a channel or 'app' where Stream's API took
-- it, '' for an upload of the back office. The digest of the former ends with the
-- file's id, so that each is a file of its own.
ALTER TABLE uploads ADD COLUMN owner TEXT NOT NULL DEFAULT '';
