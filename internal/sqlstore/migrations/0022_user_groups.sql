-- Groups of users, by name.
CREATE TABLE user_groups (
  id TEXT NOT NULL PRIMARY KEY,
  name TEXT NOT NULL,
  name_key TEXT NOT NULL,
  description TEXT NOT NULL,
  team TEXT NOT NULL, -- '' for none
  created_at BIGINT NOT NULL,
  updated_at BIGINT NOT NULL
);
CREATE INDEX user_groups_by_age ON user_groups (created_at, id);
CREATE INDEX user_groups_by_name ON user_groups (name_key, id);

CREATE TABLE user_group_members (
  group_id TEXT NOT NULL,
  user_id TEXT NOT NULL,
  is_admin BOOLEAN NOT NULL,
  created_at BIGINT NOT NULL,
  PRIMARY KEY (group_id, user_id)
);
CREATE INDEX user_group_members_by_user ON user_group_members (user_id);
