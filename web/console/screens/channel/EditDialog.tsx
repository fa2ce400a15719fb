import { useMutation } from '@apollo/client/react';
import { Button, Modal } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { useUndo } from '../../changes/useUndo.ts';
import { named, nameOf } from '../../people.ts';
import { once, useKeyFor } from '../../graphql/key.ts';
import { modifier } from '../../shell/modifier.ts';
import { useStay, useUnsaved } from '../../shell/Unsaved.tsx';
import { useToast } from '../../shell/toast.tsx';
import { ChannelEditMessageDocument, type PostFragment } from './channel.generated.ts';
import { attachedOf, attachmentsOf, mentionedIn, type Draft } from './draft.ts';
import { Editor } from './Editor.tsx';
import { useUploads } from './useUploads.ts';

interface Props {
  post: PostFragment;
  /** The message as it is by now, if somebody changed it since. */
  now: PostFragment;
  onClose(): void;
}

/** Changes what a message says, with all that it carries. */
export function EditDialog({ post, now, onClose }: Props) {
  const { t } = useTranslation(['channel', 'shell', 'changes']);
  const toast = useToast();
  const undo = useUndo();
  const [draft, setDraft] = useState(() => draftOf(post));
  const [save, { loading, error }] = useMutation(ChannelEditMessageDocument);
  const uploads = useUploads((file, uploaded) => setDraft((now) => ({ ...now, attachments: [...now.attachments, attachedOf(file, uploaded)] })));

  const overtaken = isOvertaken(error);
  const keyFor = useKeyFor();
  const [before] = useState(draft);
  const unsaved = useUnsaved(!same(before, draft) || uploads.uploads.length > 0, onClose);
  useStay(loading);

  const submit = async () => {
    // Who is mentioned without being named in the text stays so.
    const silent = post.mentionedUsers.filter((person) => !post.text.includes(`@${nameOf(person)}`)).map(({ id }) => id);
    const named = mentionedIn(draft).map(({ id }) => id);
    const input = {
      cid: post.cid,
      messageId: post.id,
      text: draft.text,
      attachments: attachmentsOf(draft),
      ifVersion: overtaken ? now.version : post.version,
      mentionedUsersIds: [...new Set([...named, ...silent])],
    };
    let changes: string[];
    try {
      changes = changesIn(await save({ variables: { input }, context: once(keyFor(input)) }));
    } catch {
      return; // Shown below, with the text as it was written.
    }
    toast.done(t('editDone'), undo(changes));
    onClose();
  };

  return (
    <Modal opened onClose={loading ? () => undefined : unsaved.close} closeOnEscape={!unsaved.asking} title={t('editTitle', { name: named(post.sender) })} size="min(46rem, 94vw)" returnFocus={false} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <Editor
        draft={draft}
        onChange={setDraft}
        onSubmit={() => void submit()}
        uploads={uploads}
        label={t('editText')}
        submit={overtaken ? t('changes:allTheSame') : t('save')}
        keys={t('saveKeys', { key: modifier })}
        busy={loading}
        sender={post.sender}
        first
      >
        <Button size="sm" variant="default" disabled={loading} onClick={unsaved.close}>
          {t('cancel')}
        </Button>
      </Editor>
      {error !== undefined && <NotSaved error={error} yours={draft.text} theirs={now.text} />}
      {unsaved.question}
    </Modal>
  );
}

const same = (a: Draft, b: Draft): boolean => JSON.stringify([a.text, a.attachments]) === JSON.stringify([b.text, b.attachments]);

function draftOf(post: PostFragment): Draft {
  return {
    text: post.text,
    attachments: post.attachments.map(({ type: _type, titleLink, ...rest }) => ({ ...rest, titleLink: titleLink ?? '' })),
    picked: post.mentionedUsers.map(({ id, name }) => ({ id, name })),
  };
}
