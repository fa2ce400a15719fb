import { useMutation } from '@apollo/client/react';
import { Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { named, nameOf } from '../../people.ts';
import { newKey, once } from '../../graphql/key.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { ChannelDeleteMessageDocument, type PostFragment } from './channel.generated.ts';
import styles from './DeleteDialog.module.css';
import { MessageBody } from './MessageBody.tsx';

/** Asks before a message is emptied, and says what will be lost. */
export function DeleteDialog({ post, onClose }: { post: PostFragment; onClose(): void }) {
  const { t } = useTranslation(['channel', 'shell']);
  const toast = useToast();
  const [remove, { loading, error }] = useMutation(ChannelDeleteMessageDocument);
  const [key] = useState(newKey);
  useStay(loading);
  const submit = async () => {
    try {
      await remove({ variables: { input: { cid: post.cid, messageId: post.id } }, context: once(key) });
    } catch {
      return; // Shown below.
    }
    toast.done(t('deleteDone'));
    onClose();
  };
  return (
    <Modal opened onClose={loading ? () => undefined : onClose} title={t('deleteTitle', { name: named(post.sender) })} returnFocus={false} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <div className={styles.quote} tabIndex={0} role="group" aria-label={t('messageOf', { name: nameOf(post.sender) })}>
        <MessageBody text={post.text} people={post.mentionedUsers} attachments={post.attachments} />
      </div>
      <Text mt="sm">{post.attachments.length === 0 ? t('deleteLoses') : t('deleteLosesFiles', { count: post.attachments.length })}</Text>
      {error !== undefined && <Failure error={error} />}
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" disabled={loading} onClick={onClose} data-autofocus>
          {t('cancel')}
        </Button>
        <Button color="red" loading={loading} onClick={() => void submit()}>
          {t('deleteMessage')}
        </Button>
      </Group>
    </Modal>
  );
}
