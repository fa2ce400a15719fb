import { useMutation } from '@apollo/client/react';
import { Button, Group, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { useUndo } from '../../changes/useUndo.ts';
import { named, nameOf } from '../../people.ts';
import { once, useKeyFor } from '../../graphql/key.ts';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { ChannelDeleteMessageDocument, type PostFragment } from './channel.generated.ts';
import styles from './DeleteDialog.module.css';
import { MessageBody } from './MessageBody.tsx';

/** Asks before a message is emptied, and says what will be lost. */
export function DeleteDialog({ post, now, onClose }: { post: PostFragment; now: PostFragment; onClose(): void }) {
  const { t } = useTranslation(['channel', 'shell']);
  const toast = useToast();
  const [remove, { loading, error }] = useMutation(ChannelDeleteMessageDocument);
  const keyFor = useKeyFor();
  const [reason, setReason] = useState('');
  const undo = useUndo();
  useStay(loading);
  const submit = async () => {
    let changes: string[];
    try {
      const input = { cid: post.cid, messageId: post.id, ifVersion: isOvertaken(error) ? now.version : post.version, ...reasonOf(reason) };
      changes = changesIn(await remove({ variables: { input }, context: once(keyFor(input)) }));
    } catch {
      return; // Shown below.
    }
    toast.done(t('deleteDone'), undo(changes));
    onClose();
  };
  return (
    <Modal opened onClose={loading ? () => undefined : onClose} title={t('deleteTitle', { name: named(post.sender) })} returnFocus={false} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <div className={styles.quote} tabIndex={0} role="group" aria-label={t('messageOf', { name: nameOf(post.sender) })}>
        <MessageBody text={post.text} people={post.mentionedUsers} attachments={post.attachments} />
      </div>
      <Text mt="sm">{post.attachments.length === 0 ? t('deleteLoses') : t('deleteLosesFiles', { count: post.attachments.length })}</Text>
      <ReasonField value={reason} onChange={setReason} />
      {error !== undefined && <NotSaved error={error} yours={t('deleteMessage')} theirs={now.text} />}
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
