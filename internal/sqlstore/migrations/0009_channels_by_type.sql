-- Lists of the channels of one type are read page by page, by their creation.
CREATE INDEX channels_by_type ON channels (type, created_at, cid);
