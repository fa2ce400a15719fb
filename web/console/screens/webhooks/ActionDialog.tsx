import { useApolloClient } from '@apollo/client/react';
import { Alert, Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { Check, TriangleAlert } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { once, useKeyFor } from '../../graphql/key.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { Secrets, type Secret } from './Secrets.tsx';
import { labelOf, type Webhook } from './webhook.ts';
import { DeleteWebhookDocument, ReplayWebhookDocument, RevealWebhookSecretsDocument, RotateWebhookSecretDocument, TestWebhookDocument, type TestWebhookMutation } from './webhooks.generated.ts';

export type Action = 'test' | 'reveal' | 'rotate' | 'replay' | 'delete';

const OVERLAPS = ['0', '1', '24', '168'] as const;
type Overlap = (typeof OVERLAPS)[number];

interface Props {
  action: Action;
  hook: Webhook;
  onDone(): void;
  onClose(): void;
}

/** Does something with a webhook and shows what came of it. */
export function ActionDialog({ action, hook, onDone, onClose }: Props) {
  const { t } = useTranslation(['webhooks', 'shell']);
  const client = useApolloClient();
  const keyFor = useKeyFor();
  const toast = useToast();
  const [reason, setReason] = useState('');
  const [overlap, setOverlap] = useState<Overlap>('24');
  const [since, setSince] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [secrets, setSecrets] = useState<readonly Secret[]>();
  const [attempt, setAttempt] = useState<NonNullable<TestWebhookMutation['testWebhook']>>();
  useStay(busy);

  const act = async () => {
    const input = { id: hook.id, ...reasonOf(reason) };
    const fetchPolicy = 'no-cache' as const; // secrets stay out of the cache
    switch (action) {
      case 'test': {
        const { data } = await client.mutate({ mutation: TestWebhookDocument, variables: { input }, fetchPolicy });
        setAttempt(data?.testWebhook ?? undefined);
        break;
      }
      case 'reveal': {
        const { data } = await client.mutate({ mutation: RevealWebhookSecretsDocument, variables: { input }, fetchPolicy });
        setSecrets(data?.revealWebhookSecrets?.secrets ?? []);
        break;
      }
      case 'rotate': {
        const all = { ...input, overlapHours: Number(overlap) };
        const { data } = await client.mutate({ mutation: RotateWebhookSecretDocument, variables: { input: all }, context: once(keyFor(all)), fetchPolicy });
        setSecrets(data?.rotateWebhookSecret?.secrets ?? []);
        break;
      }
      case 'replay': {
        const all = { ...input, since: new Date(since).toISOString() };
        await client.mutate({ mutation: ReplayWebhookDocument, variables: { input: all }, context: once(keyFor(all)) });
        toast.done(t('done_replay'));
        onClose();
        break;
      }
      case 'delete':
        await client.mutate({ mutation: DeleteWebhookDocument, variables: { input }, context: once(keyFor(input)) });
        toast.done(t('done_delete'));
        onClose();
    }
  };
  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    setBusy(true);
    setError(undefined);
    setAttempt(undefined);
    try {
      await act();
      onDone();
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };
  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={t(`title_${action}`, { name: labelOf(hook) })} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      {secrets !== undefined ? (
        <Secrets secrets={secrets} onClose={onClose} />
      ) : (
        <form onSubmit={(event) => void submit(event)} noValidate>
          <Stack>
            <Text>{t(`lead_${action}`)}</Text>
            {action === 'rotate' && (
              <Select label={t('overlap')} data={OVERLAPS.map((value) => ({ value, label: t(`overlap_${value}`) }))} value={overlap} onChange={(value) => setOverlap(value as Overlap)} allowDeselect={false} />
            )}
            {action === 'replay' && <TextInput type="datetime-local" label={t('since')} value={since} onChange={(event) => setSince(event.currentTarget.value)} />}
            <ReasonField value={reason} onChange={setReason} />
            {attempt !== undefined && <Attempt attempt={attempt} />}
            {error !== undefined && <Failure error={error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" disabled={busy} onClick={onClose}>
                {attempt === undefined ? t('cancel') : t('shell:close')}
              </Button>
              <Button type="submit" {...(action === 'delete' && { color: 'red' })} disabled={action === 'replay' && since === ''} loading={busy}>
                {t(`submit_${action}`)}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}

function Attempt({ attempt: { delivered, status, error, durationMs } }: { attempt: NonNullable<TestWebhookMutation['testWebhook']> }) {
  const { t } = useTranslation('webhooks');
  const { number } = useFormats();
  const time = number.format(durationMs);
  return (
    <Alert role="status" variant="light" color={delivered ? 'sea' : 'red'} icon={delivered ? <Check size={18} aria-hidden /> : <TriangleAlert size={18} aria-hidden />}>
      {delivered ? t('testGood', { status: status ?? 0, time }) : t('testBad', { error: visible(error ?? ''), time })}
    </Alert>
  );
}
