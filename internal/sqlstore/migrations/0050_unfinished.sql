-- Of what records say of a channel, only the states go with it.
DROP INDEX change_targets_by_channel;
CREATE INDEX change_targets_by_channel ON change_targets (channel_no) WHERE channel_no <> 0 AND (state_before <> '' OR state_after <> '');
