import type { ApolloClient } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { once } from '../../graphql/key.ts';
import { useFormats } from '../../i18n/formats.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { DAYS_OF_MONTH, SPANS } from './spans.ts';
import { nameOf, type User } from './UserTable.tsx';
import { BanUserDocument, MuteUserDocument, UnbanUserDocument, UnmuteUserDocument, UserInForceDocument } from './users.generated.ts';

const CHOICES = ['hour', 'day', 'week', 'month', 'forever', 'moment'] as const;
type Choice = (typeof CHOICES)[number];

const SET = { ban: BanUserDocument, mute: MuteUserDocument } as const;
const LIFT = { unban: UnbanUserDocument, unmute: UnmuteUserDocument } as const;

/** Bans or mutes a user in all channels, until a time or until it is lifted. */
export function RestrictDialog({ kind, user, onClose }: { kind: 'ban' | 'mute'; user: User; onClose(): void }) {
  const { t } = useTranslation('users');
  const { moment } = useFormats();
  const client = useApolloClient();
  const toast = useToast();
  const lift = useLift();
  const [choice, setChoice] = useState<Choice>('day');
  const [at, setAt] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [past, setPast] = useState(false);
  const name = nameOf(user);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const until = endOf(choice, at);
    if (until !== undefined && !(until.getTime() > Date.now())) return setPast(true);
    setBusy(true);
    setError(undefined);
    try {
      const input = { userId: user.id, ...(until !== undefined && { until: until.toISOString() }) };
      await client.mutate({ mutation: SET[kind], variables: { input }, context: once() });
      void showInForce(client, user.id);
      const text = until === undefined ? t(`${kind}Done`, { name }) : t(`${kind}DoneUntil`, { name, time: moment.format(until) });
      toast.done(text, () => void lift(`un${kind}`, user));
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={onClose} title={t(`${kind}Title`, { name })} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Text>{t(`${kind}Lead`)}</Text>
          {user.role !== 'USER' && (
            <Text c="dimmed">{t('noEffect')}</Text>
          )}
          <Select
            label={t('until')}
            data={CHOICES.map((value) => ({ value, label: t(value, { days: DAYS_OF_MONTH }) }))}
            value={choice}
            onChange={(value) => setChoice(value as Choice)}
            allowDeselect={false}
            data-autofocus
          />
          {choice === 'moment' && (
            <TextInput
              type="datetime-local"
              label={t('untilMoment')}
              value={at}
              onChange={(event) => {
                setAt(event.currentTarget.value);
                setPast(false);
              }}
              error={past ? t('untilPast') : undefined}
            />
          )}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" color="red" loading={busy}>
              {t(`${kind}Submit`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Ends a ban or a mute, and says so. */
export function useLift() {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();
  return async (action: keyof typeof LIFT, user: User): Promise<void> => {
    try {
      await client.mutate({ mutation: LIFT[action], variables: { input: { userId: user.id } }, context: once() });
      void showInForce(client, user.id);
      toast.done(t(action === 'unban' ? 'banLifted' : 'muteLifted', { name: nameOf(user) }));
    } catch (error) {
      toast.failed(error);
    }
  };
}

/** Asks anew what is in force for a user; the list shows it. */
async function showInForce(client: ApolloClient, id: string): Promise<void> {
  await client.query({ query: UserInForceDocument, variables: { id }, fetchPolicy: 'network-only' }).catch(() => undefined);
}

/** When it ends; undefined for never. A moment that can't be read is one long past. */
function endOf(choice: Choice, at: string): Date | undefined {
  if (choice === 'forever') return undefined;
  if (choice === 'moment') return new Date(at === '' ? 0 : at);
  return new Date(Date.now() + SPANS[choice] * 1000);
}
