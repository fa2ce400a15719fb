import { Radio, Select, Stack, Text, TextInput } from '@mantine/core';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useApolloClient } from '@apollo/client/react';

import { BulkDialog } from '../../bulk/BulkDialog.tsx';
import type { BulkOperation, PlanInput, UserSelectionInput } from '../../graphql/types.generated.ts';
import { DAYS_OF_MONTH, SPANS } from './spans.ts';
import type { User } from './user.ts';
import { UsersDocument } from './users.generated.ts';

/** What can be done to many users, and how it is called. */
const WAYS = {
  role: { operation: 'SET_ROLES', over: 'roleDone', title: 'roleTitle', submit: 'roleSubmit' },
  ban: { operation: 'BAN_USERS', over: 'bannedMany', title: 'banMany', submit: 'banSubmit' },
  unban: { operation: 'UNBAN_USERS', over: 'unbannedMany', title: 'unbanMany', submit: 'unban' },
  mute: { operation: 'MUTE_USERS', over: 'mutedMany', title: 'muteMany', submit: 'muteSubmit' },
  unmute: { operation: 'UNMUTE_USERS', over: 'unmutedMany', title: 'unmuteMany', submit: 'unmute' },
} as const satisfies Record<string, { operation: BulkOperation; over: string; title: string; submit: string }>;
export type ManyWay = keyof typeof WAYS;

const ROLES = ['USER', 'MODERATOR', 'ADMIN'] as const;
const CHOICES = ['hour', 'day', 'week', 'month', 'forever', 'moment'] as const;
type Choice = (typeof CHOICES)[number];

interface Props {
  way: ManyWay;
  users: UserSelectionInput;
  /** How many there seem to be. */
  about: number;
  onBegun(): void;
  onClose(): void;
}

/** Asks before something is done to many users: what, until when, and whether it can be undone. */
export function ManyDialog({ way, users, about, onBegun, onClose }: Props) {
  const { t } = useTranslation('users');
  const client = useApolloClient();
  const [role, setRole] = useState<User['role']>('USER');
  const [choice, setChoice] = useState<Choice>('day');
  const [at, setAt] = useState('');
  const { operation, over, title, submit } = WAYS[way];
  const restricts = way === 'ban' || way === 'mute';
  const until = useMemo(() => endOf(choice, at), [choice, at]);
  const input = useMemo<PlanInput | undefined>(() => {
    if (restricts && until === undefined) return undefined;
    return { operation, users, ...(way === 'role' && { role }), ...(restricts && until != null && { until }) };
  }, [operation, users, way, role, restricts, until]);
  return (
    <BulkDialog
      title={(count) => t(title, { count })}
      about={about}
      input={input}
      submit={() => t(submit)}
      over={({ done }) => t(over, { count: done })}
      after={() => void client.refetchQueries({ include: [UsersDocument] })}
      onBegun={onBegun}
      onClose={onClose}
    >
      {restricts && <Text>{t(`${way}Lead`)}</Text>}
      {way === 'role' && (
        <Radio.Group label={t('roleNew')} value={role} onChange={(value) => setRole(value as User['role'])}>
          <Stack gap="xs" mt="xs">
            {ROLES.map((one) => (
              <Radio key={one} value={one} label={t(one)} description={t(`roleLead${one}`)} data-autofocus={one === role || undefined} />
            ))}
          </Stack>
        </Radio.Group>
      )}
      {restricts && (
        <Select
          label={t('until')}
          data={CHOICES.map((value) => ({ value, label: t(value, { days: DAYS_OF_MONTH }) }))}
          value={choice}
          onChange={(value) => setChoice(value as Choice)}
          allowDeselect={false}
          data-autofocus
        />
      )}
      {restricts && choice === 'moment' && (
        <TextInput type="datetime-local" label={t('untilMoment')} value={at} onChange={(event) => setAt(event.currentTarget.value)} error={at !== '' && until === undefined ? t('untilPast') : undefined} />
      )}
    </BulkDialog>
  );
}

/** When it ends; null for never, and undefined while that isn't a time to come. */
function endOf(choice: Choice, at: string): string | null | undefined {
  if (choice === 'forever') return null;
  const end = choice === 'moment' ? new Date(at === '' ? 0 : at) : new Date(Date.now() + SPANS[choice] * 1000);
  return end.getTime() > Date.now() ? end.toISOString() : undefined;
}
