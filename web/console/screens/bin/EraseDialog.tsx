import { useMutation } from '@apollo/client/react';
import { Button, Group, Modal, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { once, useKeyFor } from '../../graphql/key.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { named } from '../../people.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import styles from './Bin.module.css';
import { EraseNowDocument, type EraseNowMutation } from './bin.generated.ts';
import type { Binned } from './useBin.ts';

const PARTS = ['messages', 'members', 'reactions', 'versions', 'restrictions'] as const;

interface Props {
  channel: Binned;
  onGone(channels: readonly Binned[]): void;
  onClose(): void;
}

/** Erases a channel at once, if its name is typed, and reports what went with it. */
export function EraseDialog({ channel, onGone, onClose }: Props) {
  const { t } = useTranslation(['bin', 'shell']);
  const keyFor = useKeyFor();
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const [erase, { loading, error }] = useMutation(EraseNowDocument);
  const [report, setReport] = useState<EraseNowMutation['eraseNow']>(null);
  useStay(loading);
  const right = typed.trim() === channel.name.trim();

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!right || loading) return;
    const input = { id: channel.id, name: channel.name, ...reasonOf(reason) };
    try {
      const { data } = await erase({ variables: { input }, context: once(keyFor(input)) });
      setReport(data?.eraseNow ?? null);
      onGone([channel]);
    } catch {
      // Shown below.
    }
  };
  return (
    <Modal
      opened
      onClose={loading ? () => undefined : onClose}
      title={report === null ? t('eraseTitle', { name: named({ id: channel.cid, name: channel.name }) }) : t('erased', { name: named({ id: channel.cid, name: channel.name }) })}
      closeButtonProps={{ 'aria-label': t('shell:close') }}
    >
      {report === null ? (
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Text>{t('eraseLead')}</Text>
            <TextInput
              data-autofocus
              label={t('eraseType')}
              description={<bdi className={styles.exactly}>{visible(channel.name)}</bdi>}
              dir="auto"
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <ReasonField value={reason} onChange={setReason} />
            {error !== undefined && <Failure error={error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" disabled={loading} onClick={onClose}>
                {t('cancel')}
              </Button>
              <Button type="submit" color="red" disabled={!right} loading={loading}>
                {t('eraseDo')}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Report report={report} onClose={onClose} />
      )}
    </Modal>
  );
}

function Report({ report, onClose }: { report: NonNullable<EraseNowMutation['eraseNow']>; onClose(): void }) {
  const { t } = useTranslation(['bin', 'shell']);
  const { number } = useFormats();
  return (
    <Stack role="status">
      <Text>{t('erasedLead')}</Text>
      <dl className={styles.report}>
        {PARTS.map((part) => (
          <div key={part}>
            <dt>{t(`went_${part}`)}</dt>
            <dd>{number.format(report[part])}</dd>
          </div>
        ))}
      </dl>
      <Group justify="flex-end">
        <Button autoFocus onClick={onClose}>
          {t('shell:close')}
        </Button>
      </Group>
    </Stack>
  );
}
