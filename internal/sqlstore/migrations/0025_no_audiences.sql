-- Messages for some users only are gone: nobody may see them now who couldn't before.
DELETE FROM message_versions WHERE message IN (SELECT id FROM messages WHERE audience <> '');
DELETE FROM reactions WHERE message IN (SELECT id FROM messages WHERE audience <> '');
DELETE FROM flags WHERE message IN (SELECT id FROM messages WHERE audience <> '');
UPDATE messages SET text = '', text_key = '', attachments = '', mentions = '', custom = '{}', extra = '{"erased":true}',
  pinned_at = 0, aside = TRUE, deleted_at = created_at WHERE audience <> '';
ALTER TABLE messages DROP COLUMN audience;
