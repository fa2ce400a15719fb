-- What is known of uploaded files; the files are elsewhere.

CREATE TABLE uploads (
  id TEXT NOT NULL PRIMARY KEY, -- the file's name without its extension
  extension TEXT NOT NULL,
  digest TEXT NOT NULL UNIQUE, -- SHA-256 of what was uploaded
  size BIGINT NOT NULL, -- bytes
  width BIGINT NOT NULL, -- pixels, 0 for films
  height BIGINT NOT NULL,
  thumbnail TEXT NOT NULL, -- its extension, '' for none
  thumbnail_size BIGINT NOT NULL,
  uploaded_by TEXT NOT NULL,
  uploaded_at BIGINT NOT NULL,
  touched_at BIGINT NOT NULL -- when somebody last uploaded it, or was about to refer to it
);
CREATE INDEX uploads_by_touch ON uploads (touched_at);
