import type { ApolloClient } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { useTakeBack } from '../../changes/useTakeBack.ts';
import { newKey, once } from '../../graphql/key.ts';
import { useFormats } from '../../i18n/formats.ts';
import { named } from '../../people.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { DAYS_OF_MONTH, SPANS } from './spans.ts';
import { useStay } from '../../shell/Unsaved.tsx';
import { showAsTheyAre } from './asTheyAre.ts';
import type { User } from './user.ts';
import { BanUserDocument, ChannelRestrictionsDocument, MuteUserDocument, UnbanUserDocument, UnmuteUserDocument } from './users.generated.ts';

const CHOICES = ['hour', 'day', 'week', 'month', 'forever', 'moment'] as const;
type Choice = (typeof CHOICES)[number];

const SET = { ban: BanUserDocument, mute: MuteUserDocument } as const;
const LIFT = { unban: UnbanUserDocument, unmute: UnmuteUserDocument } as const;

type Person = Pick<User, 'id' | 'name' | 'role'>;

interface Props {
  kind: 'ban' | 'mute';
  user: Person;
  /** The channel; absent for all of them. */
  cid?: string;
  onClose(): void;
}

/** Bans or mutes a user, in one channel or in all, until a time or until it is lifted. */
export function RestrictDialog({ kind, user, cid, onClose }: Props) {
  const { t } = useTranslation('users');
  const { moment } = useFormats();
  const client = useApolloClient();
  const toast = useToast();
  const takeBack = useTakeBack();
  const here = cid === undefined ? '' : 'Here';
  const [choice, setChoice] = useState<Choice>('day');
  const [at, setAt] = useState('');
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [past, setPast] = useState(false);
  /** What was sent last: the same again is a retry, and has the same end. */
  const meant = useRef<{ what: string; until: Date | undefined; key: string }>(undefined);
  useStay(busy);
  const name = named(user);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const why = reasonOf(reason);
    const what = JSON.stringify([choice, at, why]);
    if (meant.current?.what !== what) meant.current = { what, until: endOf(choice, at), key: newKey() };
    const { until, key } = meant.current;
    if (until !== undefined && !(until.getTime() > Date.now())) return setPast(true);
    setBusy(true);
    setError(undefined);
    try {
      const input = { userId: user.id, ...(cid !== undefined && { cid }), ...(until !== undefined && { until: until.toISOString() }), ...why };
      const changes = changesIn(await client.mutate({ mutation: SET[kind], variables: { input }, context: once(key) }));
      const show = () => void showInForce(client, user.id, cid);
      show();
      const text = until === undefined ? t(`${kind}Done${here}`, { name }) : t(`${kind}DoneUntil${here}`, { name, time: moment.format(until) });
      toast.done(text, takeBack(changes, show));
      onClose();
    } catch (failure) {
      setError(failure);
      setBusy(false);
    }
  };

  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={t(`${kind}Title${here}`, { name })} closeButtonProps={{ 'aria-label': t('close') }}>
      <form onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          <Text>{t(`${kind}Lead${here}`)}</Text>
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
          <ReasonField value={reason} onChange={setReason} />
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end">
            <Button variant="default" disabled={busy} onClick={onClose}>
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

/** Ends a ban or a mute, in one channel or of all, and says so. */
export function useLift(cid?: string) {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();
  const takeBack = useTakeBack();
  const here = cid === undefined ? '' : 'Here';
  return async (action: keyof typeof LIFT, user: Person): Promise<void> => {
    const key = newKey();
    await toast.attempt(async () => {
      const changes = changesIn(await client.mutate({ mutation: LIFT[action], variables: { input: { userId: user.id, ...(cid !== undefined && { cid }) } }, context: once(key) }));
      const show = () => void showInForce(client, user.id, cid);
      show();
      toast.done(t(`${action === 'unban' ? 'ban' : 'mute'}Lifted${here}`, { name: named(user) }), takeBack(changes, show));
    });
  };
}

/** Asks anew what is in force for a user; the list shows it. */
async function showInForce(client: ApolloClient, id: string, cid: string | undefined): Promise<void> {
  if (cid !== undefined) return void client.refetchQueries({ include: [ChannelRestrictionsDocument] });
  await showAsTheyAre(client, [id]);
}

/** When it ends; undefined for never. A moment that can't be read is one long past. */
function endOf(choice: Choice, at: string): Date | undefined {
  if (choice === 'forever') return undefined;
  if (choice === 'moment') return new Date(at === '' ? 0 : at);
  return new Date(Date.now() + SPANS[choice] * 1000);
}
