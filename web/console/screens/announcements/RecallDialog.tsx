import { useMutation, useQuery } from '@apollo/client/react';
import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { once, useKeyFor } from '../../graphql/key.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { isOpen, type Job } from '../jobs/job.ts';
import { AnnouncementDocument, AnnouncementReadersDocument, RecallAnnouncementDocument, type ShownAnnouncementFragment } from './announcements.generated.ts';
import { useFollowed } from './useFollowed.ts';

/** Deletes an announcement everywhere, and says who had read it. */
export function RecallDialog({ of, onClose }: { of: ShownAnnouncementFragment; onClose(): void }) {
  const { t } = useTranslation(['announcements', 'shell']);
  const followed = useFollowed();
  const keyFor = useKeyFor();
  const [reason, setReason] = useState('');
  const { data } = useQuery(AnnouncementReadersDocument, { variables: { id: of.id } });
  const readers = data?.announcementReaders;
  const [recall, { loading, error }] = useMutation(RecallAnnouncementDocument, { refetchQueries: [AnnouncementDocument] });
  useStay(loading);
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const input = { id: of.id, ...reasonOf(reason) };
    let job: Job | undefined;
    try {
      job = (await recall({ variables: { input }, context: once(keyFor(input)) })).data?.recallAnnouncement?.job;
    } catch {
      return; // Shown below.
    }
    followed(job, ({ done }) => t('recallDone', { count: done }));
    onClose();
  };
  return (
    <Modal opened onClose={loading ? () => undefined : onClose} title={t('recallTitle')} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <form onSubmit={(event) => void submit(event)}>
        <Stack>
          <Text>{t('recallLead', { count: of.job.done })}</Text>
          {isOpen(of.job) && <Text>{t('recallStops')}</Text>}
          {readers != null && <Text>{t('recallReaders', { count: readers.read, members: readers.members })}</Text>}
          {readers === null && <Text>{t('readersUnknown')}</Text>}
          <ReasonField value={reason} onChange={setReason} />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={loading} onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" color="red" data-autofocus loading={loading}>
              {t('recallSubmit')}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
