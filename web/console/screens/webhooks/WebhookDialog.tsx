import { useMutation } from '@apollo/client/react';
import { Button, Group, Modal, MultiSelect, Stack, Switch, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { useUndo } from '../../changes/useUndo.ts';
import { once, useKeyFor } from '../../graphql/key.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { EVENTS } from './events.ts';
import { Secrets, type Secret } from './Secrets.tsx';
import type { Webhook } from './webhook.ts';
import { CreateWebhookDocument, UpdateWebhookDocument } from './webhooks.generated.ts';

const MOST = 255;

interface Props {
  /** Absent for a new one. */
  hook?: Webhook;
  onDone(): void;
  onClose(): void;
}

/** Makes a webhook and shows what signs its calls, or changes one. */
export function WebhookDialog({ hook, onDone, onClose }: Props) {
  const { t } = useTranslation(['webhooks', 'shell']);
  const keyFor = useKeyFor();
  const toast = useToast();
  const undo = useUndo();
  const [url, setURL] = useState(hook?.url ?? '');
  const [description, setDescription] = useState(hook?.description ?? '');
  const [events, setEvents] = useState<string[]>([...(hook?.events ?? [])]);
  const [enabled, setEnabled] = useState(hook?.enabled ?? true);
  const [reason, setReason] = useState('');
  const [secrets, setSecrets] = useState<readonly Secret[]>();
  const [create, creating] = useMutation(CreateWebhookDocument, { fetchPolicy: 'no-cache' });
  const [update, updating] = useMutation(UpdateWebhookDocument);
  const busy = creating.loading || updating.loading;
  const error = creating.error ?? updating.error;
  useStay(busy);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (busy) return;
    const input = { url: url.trim(), description: description.trim(), events, enabled, ...reasonOf(reason) };
    try {
      if (hook === undefined) {
        const { data } = await create({ variables: { input }, context: once(keyFor(input)) });
        setSecrets(data?.createWebhook?.secrets ?? []);
      } else {
        const all = { id: hook.id, ...input };
        const changes = changesIn(await update({ variables: { input: all }, context: once(keyFor(all)) }));
        toast.done(t('changed'), undo(changes, onDone));
        onClose();
      }
      onDone();
    } catch {
      // Shown below.
    }
  };
  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={t(hook === undefined ? (secrets === undefined ? 'createTitle' : 'created') : 'editTitle')} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      {secrets !== undefined ? (
        <Secrets secrets={secrets} onClose={onClose} />
      ) : (
        <form onSubmit={(event) => void submit(event)} noValidate>
          <Stack>
            <TextInput data-autofocus label={t('url')} description={t('urlLead')} dir="ltr" inputMode="url" autoComplete="off" required value={url} onChange={(event) => setURL(event.currentTarget.value)} />
            <TextInput label={t('description')} dir="auto" autoComplete="off" maxLength={MOST} value={description} onChange={(event) => setDescription(event.currentTarget.value)} />
            <MultiSelect label={t('events')} description={t('eventsLead')} data={EVENTS} value={events} onChange={setEvents} clearable clearButtonProps={{ 'aria-label': t('clearEvents') }} searchable hidePickedOptions maxDropdownHeight={220} />
            <Switch label={t('enabledField')} checked={enabled} onChange={(event) => setEnabled(event.currentTarget.checked)} />
            <ReasonField value={reason} onChange={setReason} />
            {error !== undefined && <Failure error={error} />}
            <Group justify="flex-end" gap="xs">
              <Button variant="default" disabled={busy} onClick={onClose}>
                {t('cancel')}
              </Button>
              <Button type="submit" disabled={url.trim() === ''} loading={busy}>
                {t(hook === undefined ? 'createDo' : 'editDo')}
              </Button>
            </Group>
          </Stack>
        </form>
      )}
    </Modal>
  );
}
