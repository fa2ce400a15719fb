-- What is kept of a user who was deleted permanently, besides its bans.

CREATE TABLE tombstones (
    id           TEXT   NOT NULL PRIMARY KEY,
    deleted_at   BIGINT NOT NULL,
    tokens_after BIGINT NOT NULL
);
