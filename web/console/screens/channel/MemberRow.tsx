import { ActionIcon, Badge, Menu } from '@mantine/core';
import { Ban, MicOff, MoreHorizontal, ShieldCheck, ShieldOff, Undo2, UserMinus, Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useSupports } from '../../graphql/provider.ts';
import { named } from '../../people.ts';
import { visible } from '../../i18n/visible.ts';
import { useFormats } from '../../i18n/formats.ts';
import type { ChannelRestrictionsQuery, InForceFragment } from '../users/users.generated.ts';
import type { PersonFragment } from './channel.generated.ts';
import styles from './Members.module.css';
import { Face, Name, PersonId } from './Person.tsx';

interface MemberChange {
  role(to: 'USER' | 'MODERATOR'): void;
  remove(): void;
}

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
  /** What is in force for them in all channels. */
  everywhere: InForceFragment | undefined;
  /** Absent for who is no member. */
  change: MemberChange | undefined;
  onRestrict(kind: 'ban' | 'mute'): void;
  onLift(restriction: Restriction): void;
}

/** A person in the list of members, with what is in force in this channel, and what can be done. */
export function MemberRow({ person, online, restrictions, everywhere, change, onRestrict, onLift }: Props) {
  const { t } = useTranslation('channel');
  const moderator = person.role === 'MODERATOR';
  const mutes = useSupports('MUTES');
  const now = restrictions.filter(lasts);
  const all = (['ban', 'mute'] as const).flatMap((kind) => (everywhere?.[kind] && lasts(everywhere[kind]) ? { kind, ...everywhere[kind] } : []));
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
        {now.length + all.length > 0 && (
          <span className={styles.inForce}>
            {all.map(({ kind, until, by, reason }) => (
              <InForce key={`all ${kind}`} kind={kind} where="Everywhere" until={until} by={by} reason={reason} />
            ))}
            {now.map((restriction) => (
              <InForce key={restriction.kind} {...restriction} kind={restriction.kind === 'BAN' ? 'ban' : 'mute'} />
            ))}
          </span>
        )}
      </span>
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={t('memberMenu', { name: named(person) })}>
            <MoreHorizontal size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {change !== undefined && person.role !== 'ADMIN' && (
            <Menu.Item
              leftSection={moderator ? <ShieldOff size={16} aria-hidden /> : <ShieldCheck size={16} aria-hidden />}
              onClick={() => change.role(moderator ? 'USER' : 'MODERATOR')}
            >
              {moderator ? t('makeUser') : t('makeModerator')}
            </Menu.Item>
          )}
          {KINDS.filter(({ kind }) => kind === 'ban' || mutes).map(({ kind, of, set, lift, Icon, Back }) => {
            const lifts = now.find((restriction) => restriction.kind === of);
            return (
              <Menu.Item
                key={kind}
                leftSection={lifts ? <Back size={16} aria-hidden /> : <Icon size={16} aria-hidden />}
                onClick={() => (lifts ? onLift(lifts) : onRestrict(kind))}
              >
                {t(lifts ? lift : set)}
              </Menu.Item>
            );
          })}
          {change !== undefined && (
            <Menu.Item c="var(--mantine-color-error)" leftSection={<UserMinus size={16} aria-hidden />} onClick={() => change.remove()}>
              {t('removeMember')}
            </Menu.Item>
          )}
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

const lasts = ({ until }: { until: string | null }) => until === null || new Date(until).getTime() > Date.now();

interface InForceProps {
  kind: 'ban' | 'mute';
  /** In all channels; in this one alone where it is left out. */
  where?: 'Everywhere';
  until: string | null;
  by: string | null;
  reason: string | null;
}

function InForce({ kind, where, until, by, reason }: InForceProps) {
  const { t } = useTranslation(['users', 'channel']);
  const { moment } = useFormats();
  const { Icon, color } = KINDS[kind === 'ban' ? 0 : 1];
  const end = until === null ? undefined : moment.format(new Date(until));
  const here = end === undefined ? t(`${kind}InForce`) : t(`${kind}InForceUntil`, { time: end });
  const past = kind === 'ban' ? 'banned' : 'muted';
  const everywhere = end === undefined ? t(`channel:${past}Everywhere`) : t(`channel:${past}EverywhereUntil`, { time: end });
  return (
    <Badge
      className={styles.badge ?? ''}
      variant={where === undefined ? 'light' : 'outline'}
      color={color}
      size="sm"
      styles={{ label: { whiteSpace: 'normal', textAlign: 'start' } }}
      leftSection={<Icon size={12} aria-hidden />}
      title={[where === undefined ? here : everywhere, by !== null && t('inForceBy', { by }), reason !== null && visible(reason)].filter(Boolean).join('\n')}
    >
      {where === undefined ? here : everywhere}
    </Badge>
  );
}
