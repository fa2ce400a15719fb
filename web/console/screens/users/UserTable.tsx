import { ActionIcon, Badge, Menu } from '@mantine/core';
import { Ban, EllipsisVertical, History, KeyRound, MicOff, ShieldCheck, Undo2, UserPen, Volume2 } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useSupports } from '../../graphql/provider.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { named } from '../../people.ts';
import { ChoiceTable } from '../../shell/ChoiceTable.tsx';
import type { User } from './user.ts';
import styles from './Users.module.css';

export type UserAction = 'role' | 'ban' | 'unban' | 'mute' | 'unmute' | 'token' | 'about' | 'by';

interface Props {
  users: readonly User[];
  /** Whether these are all that match. */
  all: boolean;
  /** Whether they are those of the search before, while the new one is under way. */
  stale: boolean;
  chosen: ReadonlyMap<string, User>;
  onChosen(chosen: ReadonlyMap<string, User>): void;
  onAction(action: UserAction, user: User): void;
  /** The end of the list comes into view: more is wanted. Undefined where it can't be had just now. */
  onEnd: (() => Promise<void>) | undefined;
}

/** The users, each with role, what is in force, and a menu of what can be done. */
export function UserTable({ users, onAction, ...rest }: Props) {
  const { t } = useTranslation('users');
  const { date } = useFormats();
  return (
    <ChoiceTable
      {...rest}
      label={t('list')}
      items={users}
      idOf={({ id }) => id}
      nameOf={(user) => named(user)}
      columns={[
        { label: t('columnName'), className: styles.names },
        { label: t('columnRole') },
        { label: t('columnSince'), className: styles.since },
        { label: t('columnActions'), shown: false },
      ]}
      rowClass={styles.row}
      rowHeight={3.25}
      cells={(user, tabIndex) => [
        <Names key="names" user={user} />,
        <RoleBadge key="role" role={user.role} />,
        date.format(new Date(user.createdAt)),
        <Actions key="actions" user={user} tabIndex={tabIndex} onAction={(action) => onAction(action, user)} />,
      ]}
    />
  );
}

function Names({ user }: { user: User }) {
  const { t } = useTranslation('users');
  return (
    <>
      <bdi className={user.name === null ? styles.nameless : styles.name}>{user.name === null ? t('noName') : visible(user.name)}</bdi>
      <div className={styles.below}>
        <bdi className={styles.id}>{user.id}</bdi>
        <InForce user={user} />
      </div>
    </>
  );
}

function Actions({ user, tabIndex, onAction }: { user: User; tabIndex: 0 | -1; onAction(action: UserAction): void }) {
  const { t } = useTranslation('users');
  const mutes = useSupports('MUTES');
  return (
    <Menu position="bottom-end" width="14rem">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" data-control="menu" tabIndex={tabIndex} aria-label={t('actions', { name: named(user) })}>
          <EllipsisVertical size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {ACTIONS.filter(({ action }) => mutes || !action.endsWith('mute')).filter(({ lifts }) => lifts === undefined || inForce(user[lifts])).map(({ action, label, icon: Icon }) => (
          <Menu.Item key={action} leftSection={<Icon size={16} aria-hidden />} onClick={() => onAction(action)}>
            {t(label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const ACTIONS = [
  { action: 'role', label: 'changeRole', icon: ShieldCheck, lifts: undefined },
  { action: 'mute', label: 'mute', icon: MicOff, lifts: undefined },
  { action: 'unmute', label: 'unmute', icon: Volume2, lifts: 'mute' },
  { action: 'ban', label: 'ban', icon: Ban, lifts: undefined },
  { action: 'unban', label: 'unban', icon: Undo2, lifts: 'ban' },
  { action: 'token', label: 'token', icon: KeyRound, lifts: undefined },
  { action: 'about', label: 'changesAbout', icon: History, lifts: undefined },
  { action: 'by', label: 'changesBy', icon: UserPen, lifts: undefined },
] as const;

/** A role in words; what is more than a plain user stands out. */
export function RoleBadge({ role }: { role: User['role'] }) {
  const { t } = useTranslation('users');
  if (role === 'USER') return <span className={styles.plain}>{t(role)}</span>;
  return (
    <Badge className={styles.badge ?? ''} variant="light" color={role === 'ADMIN' ? 'grape' : 'sea'} size="md">
      {t(role)}
    </Badge>
  );
}

/** Whether it has not ended since the list was read. */
const inForce = (restriction: User['ban']): restriction is NonNullable<User['ban']> =>
  restriction !== null && (restriction.until === null || new Date(restriction.until).getTime() > Date.now());

/** Which ban and mute are in force, and until when; the day alone where there is little room. */
function InForce({ user }: { user: User }) {
  const { t } = useTranslation('users');
  const { date, moment } = useFormats();
  return (['ban', 'mute'] as const).map((kind) => {
    const restriction = user[kind];
    if (!inForce(restriction)) return null;
    const { until, by, reason } = restriction;
    const words = (format: Intl.DateTimeFormat) =>
      until === null ? t(`${kind}InForce`) : t(`${kind}InForceUntil`, { time: format.format(new Date(until)) });
    const Icon = kind === 'ban' ? Ban : MicOff;
    return (
      <Badge
        key={kind}
        className={`${styles.badge} ${styles.inForce}`}
        variant="light"
        color={kind === 'ban' ? 'red' : 'yellow'}
        size="sm"
        leftSection={<Icon size={12} aria-hidden />}
        title={[words(moment), by !== null && t('inForceBy', { by }), reason].filter(Boolean).join('\n')}
      >
        <span className={styles.moment}>{words(moment)}</span>
        <span className={styles.day}>{words(date)}</span>
      </Badge>
    );
  });
}
