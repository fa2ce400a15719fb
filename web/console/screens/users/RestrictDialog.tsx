import type { ApolloClient } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { Button, Group, Modal, Select, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { useOvertaken } from '../../changes/useOvertaken.ts';
import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { useUndo } from '../../changes/useUndo.ts';
import { newKey, once } from '../../graphql/key.ts';
import { useFormats } from '../../i18n/formats.ts';
import { said } from '../../i18n/places.ts';
import { named } from '../../people.ts';
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
  const { t } = useTranslation(['users', 'changes']);
  const { moment } = useFormats();
  const client = useApolloClient();
  const inForce = useInForce(kind, user.id, cid);
  const toast = useToast();
  const undo = useUndo();
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
    const seen = inForce.seen ?? (await inForce.look());
    const what = JSON.stringify([choice, at, why, seen]);
    if (meant.current?.what !== what) meant.current = { what, until: endOf(choice, at), key: newKey() };
    const { until, key } = meant.current;
    if (until !== undefined && !(until.getTime() > Date.now())) return setPast(true);
    setBusy(true);
    setError(undefined);
    try {
      const input = { userId: user.id, ifVersion: seen.version, ...(cid !== undefined && { cid }), ...(until !== undefined && { until: until.toISOString() }), ...why };
      const changes = changesIn(await client.mutate({ mutation: SET[kind], variables: { input }, context: once(key) }));
      const show = () => void showInForce(client, user.id, cid);
      show();
      const text = until === undefined ? t(`${kind}Done${here}`, { name }) : t(`${kind}DoneUntil${here}`, { name, time: moment.format(until) });
      toast.done(text, undo(changes, show));
      onClose();
    } catch (failure) {
      if (isOvertaken(failure)) await inForce.look().catch(() => undefined);
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
          {inForce.seen?.words !== undefined && <Text>{inForce.seen.words}</Text>}
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
          {error !== undefined && <NotSaved error={error} yours={t(choice, { days: DAYS_OF_MONTH })} />}
          <Group justify="flex-end">
            <Button variant="default" disabled={busy} onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" color="red" loading={busy}>
              {isOvertaken(error) ? t('changes:allTheSame') : t(`${kind}Submit`)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

interface Seen {
  /** Empty if nothing is in force. */
  version: string;
  words: string | undefined;
}

/** What is in force already and will be replaced, as it was when it was shown. */
function useInForce(kind: 'ban' | 'mute', id: string, cid: string | undefined) {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const { moment } = useFormats();
  const [seen, setSeen] = useState<Seen>();
  const look = async (): Promise<Seen> => {
    const found = cid === undefined ? (await showAsTheyAre(client, [id])).get(id)?.[kind] : await restrictionIn(client, kind, id, cid);
    const what = found == null ? '' : found.until === null ? t(`${kind}InForce`) : t(`${kind}InForceUntil`, { time: moment.format(new Date(found.until)) });
    const now = found == null ? { version: '', words: undefined } : { version: found.version, words: t('replaces', { what: said(found.by === null ? what : `${what}, ${t('inForceBy', { by: found.by })}`) }) };
    setSeen(now);
    return now;
  };
  const first = useRef(look);
  useEffect(() => void first.current().catch(() => undefined), []);
  return { seen, look };
}

async function restrictionIn(client: ApolloClient, kind: 'ban' | 'mute', id: string, cid: string) {
  const { data } = await client.query({ query: ChannelRestrictionsDocument, variables: { cid }, fetchPolicy: 'network-only' });
  return data?.restrictions.find((one) => one.user.id === id && one.kind === (kind === 'ban' ? 'BAN' : 'MUTE'));
}

/** Ends a ban or a mute, in one channel or of all, and says so. */
export function useLift(cid?: string) {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();
  const undo = useUndo();
  const overtaken = useOvertaken();
  const here = cid === undefined ? '' : 'Here';
  return async (action: keyof typeof LIFT, user: Person, version: string): Promise<void> => {
    const key = newKey();
    await toast.attempt(async () => {
      const changes = changesIn(await client.mutate({ mutation: LIFT[action], variables: { input: { userId: user.id, ifVersion: version, ...(cid !== undefined && { cid }) } }, context: once(key) }));
      const show = () => void showInForce(client, user.id, cid);
      show();
      toast.done(t(`${action === 'unban' ? 'ban' : 'mute'}Lifted${here}`, { name: named(user) }), undo(changes, show));
    }, overtaken);
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
