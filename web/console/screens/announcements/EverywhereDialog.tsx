import { useMutation } from '@apollo/client/react';
import { Button, Modal, Text } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { once, useKeyFor } from '../../graphql/key.ts';
import { modifier } from '../../shell/modifier.ts';
import { useStay, useUnsaved } from '../../shell/Unsaved.tsx';
import { attachedOf, attachmentsOf } from '../channel/draft.ts';
import { Editor } from '../channel/Editor.tsx';
import { useUploads } from '../channel/useUploads.ts';
import type { Job } from '../jobs/job.ts';
import { AnnouncementDocument, EditAnnouncementDocument, type ShownAnnouncementFragment } from './announcements.generated.ts';
import { useFollowed } from './useFollowed.ts';
import { draftOf, mentionsOf } from './words.ts';

/** Changes what an announcement says in each channel that has it. */
export function EverywhereDialog({ of, sender, onClose }: { of: ShownAnnouncementFragment; sender: { id: string; name: string }; onClose(): void }) {
  const { t } = useTranslation(['announcements', 'shell', 'changes']);
  const followed = useFollowed();
  const keyFor = useKeyFor();
  const [seen] = useState(of.version);
  const [before] = useState(() => draftOf(of));
  const [draft, setDraft] = useState(before);
  const uploads = useUploads((file, uploaded) => setDraft((now) => ({ ...now, attachments: [...now.attachments, attachedOf(file, uploaded)] })));
  const [edit, { loading, error, client }] = useMutation(EditAnnouncementDocument, { refetchQueries: [AnnouncementDocument] });
  const overtaken = isOvertaken(error);
  const unsaved = useUnsaved(draft !== before || uploads.uploads.length > 0, onClose);
  useStay(loading);
  const submit = async () => {
    const input = { id: of.id, text: draft.text, attachments: attachmentsOf(draft), mentionedUsersIds: mentionsOf(draft, of), ifVersion: overtaken ? of.version : seen };
    let job: Job | undefined;
    try {
      job = (await edit({ variables: { input }, context: once(keyFor(input)) })).data?.editAnnouncement?.job;
    } catch (failure) {
      if (isOvertaken(failure)) await client.refetchQueries({ include: [AnnouncementDocument] }).catch(() => undefined);
      return; // Shown below, with the text as it was written.
    }
    followed(job, ({ done }) => t('editDone', { count: done }));
    onClose();
  };
  return (
    <Modal opened onClose={loading ? () => undefined : unsaved.close} closeOnEscape={!unsaved.asking} title={t('editTitle')} size="min(46rem, 94vw)" closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <Text mb="sm">{t('editLead', { count: of.job.done })}</Text>
      <Editor draft={draft} onChange={setDraft} onSubmit={() => void submit()} uploads={uploads} label={t('text')} submit={overtaken ? t('changes:allTheSame') : t('editSubmit')} keys={t('editKeys', { key: modifier })} busy={loading} sender={sender} first>
        <Button size="sm" variant="default" disabled={loading} onClick={unsaved.close}>
          {t('cancel')}
        </Button>
      </Editor>
      {error !== undefined && <NotSaved error={error} yours={draft.text} theirs={of.text} />}
      {unsaved.question}
    </Modal>
  );
}
