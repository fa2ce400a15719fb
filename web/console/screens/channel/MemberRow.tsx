import { ActionIcon, Badge, Menu } from '@mantine/core';
import { Ban, MicOff, MoreHorizontal, ShieldCheck, ShieldOff, Undo2, UserMinus, Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { useFormats } from '../../i18n/formats.ts';
import type { ChannelRestrictionsQuery } from '../users/users.generated.ts';
import type { PersonFragment } from './channel.generated.ts';
import { nameOf } from './draft.ts';
import type { Change } from './Members.tsx';
import styles from './Members.module.css';
import { Face, Name, PersonId } from './Message.tsx';

export type Restriction = ChannelRestrictionsQuery['restrictions'][number];

const KINDS = [
  { kind: 'ban', of: 'BAN', set: 'banHere', lift: 'unbanHere', Icon: Ban, Back: Undo2, color: 'red' },
  { kind: 'mute', of: 'MUTE', set: 'muteHere', lift: 'unmuteHere', Icon: MicOff, Back: Volume2, color: 'yellow' },
] as const;

interface Props {
  person: PersonFragment;
  online: boolean | undefined;
  /** The bans and mutes of this person in this channel alone. */
  restrictions: readonly Restriction[];
  /** Absent for who is no member. */
  change: Change | undefined;
  onRestrict(kind: 'ban' | 'mute'): void;
  onLift(kind: 'ban' | 'mute'): void;
}

/** A person in the list of members, with what is in force in this channel, and what can be done. */
export function MemberRow({ person, online, restrictions, change, onRestrict, onLift }: Props) {
  const { t } = useTranslation('channel');
  const moderator = person.role === 'MODERATOR';
  const now = restrictions.filter(({ until }) => until === null || new Date(until).getTime() > Date.now());
  return (
    <li className={styles.member}>
      <Face person={person} />
      <span className={styles.names}>
        <span className={styles.name}>
          <Name person={person} />
          {online === true && (
            <Badge size="xs" variant="dot" color="green">
              {t('online')}
            </Badge>
          )}
        </span>
        <PersonId person={person} />
        {now.length > 0 && (
          <span className={styles.inForce}>
            {now.map((restriction) => (
              <InForce key={restriction.kind} restriction={restriction} />
            ))}
          </span>
        )}
      </span>
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={t('memberMenu', { name: nameOf(person) })}>
            <MoreHorizontal size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {change !== undefined && person.role !== 'ADMIN' && (
            <Menu.Item
              leftSection={moderator ? <ShieldOff size={16} aria-hidden /> : <ShieldCheck size={16} aria-hidden />}
              onClick={() => void change.role(person, moderator ? 'USER' : 'MODERATOR', person.role)}
            >
              {moderator ? t('makeUser') : t('makeModerator')}
            </Menu.Item>
          )}
          {KINDS.map(({ kind, of, set, lift, Icon, Back }) => {
            const lifts = now.some((restriction) => restriction.kind === of);
            return (
              <Menu.Item
                key={kind}
                leftSection={lifts ? <Back size={16} aria-hidden /> : <Icon size={16} aria-hidden />}
                onClick={() => (lifts ? onLift(kind) : onRestrict(kind))}
              >
                {t(lifts ? lift : set)}
              </Menu.Item>
            );
          })}
          {change !== undefined && (
            <Menu.Item c="var(--mantine-color-error)" leftSection={<UserMinus size={16} aria-hidden />} onClick={() => void change.remove([person.id])}>
              {t('removeMember')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

function InForce({ restriction: { kind, until, by, reason } }: { restriction: Restriction }) {
  const { t } = useTranslation('users');
  const { moment } = useFormats();
  const { kind: name, Icon, color } = KINDS[kind === 'BAN' ? 0 : 1];
  return (
    <Badge
      className={styles.badge ?? ''}
      variant="light"
      color={color}
      size="sm"
      leftSection={<Icon size={12} aria-hidden />}
      title={[by !== null && t('inForceBy', { by }), reason !== null && visible(reason)].filter(Boolean).join('\n')}
    >
      {until === null ? t(`${name}InForce`) : t(`${name}InForceUntil`, { time: moment.format(new Date(until)) })}
    </Badge>
  );
}
