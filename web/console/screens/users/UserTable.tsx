import { ActionIcon, Badge, Checkbox, Menu, VisuallyHidden } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Ban, EllipsisVertical, KeyRound, MicOff, ShieldCheck, Undo2, Volume2 } from 'lucide-react';
import { useEffect, useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useSupports } from '../../graphql/provider.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import styles from './Users.module.css';
import { named } from '../../people.ts';
import type { User } from './user.ts';

export type UserAction = 'role' | 'ban' | 'unban' | 'mute' | 'unmute' | 'token';

const ROW = 3.25; // rem, as in the style sheet
const NEAR_THE_END = 30;

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

/** The rows that are in view, and the one with the focus; up and down go from row to row. */
export function UserTable({ users, all, stale, chosen, onChosen, onAction, onEnd }: Props) {
  const { t } = useTranslation('users');
  const scroller = useRef<HTMLDivElement>(null);
  const wanted = useRef<string>(undefined); // the control that gets the focus
  const [last, setFocused] = useState(0);
  const focused = Math.min(last, users.length - 1); // A search may have made the list shorter.
  const anchor = useRef(0);
  const rows = useVirtualizer({
    count: users.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    overscan: 8,
    // The row with the focus stays, else the focus would be lost by scrolling.
    rangeExtractor: (range) => [...new Set([...defaultRangeExtractor(range), ...(focused < range.count ? [focused] : [])])].sort((a, b) => a - b),
  });
  const items = rows.getVirtualItems();
  useMore(!all && (items.at(-1)?.index ?? 0) >= users.length - NEAR_THE_END, users.length, onEnd);

  const choose = (index: number, on: boolean, range: boolean) => {
    const next = new Map(chosen);
    const [from, to] = range ? [Math.min(anchor.current, index), Math.max(anchor.current, index)] : [index, index];
    for (const user of users.slice(from, to + 1)) {
      if (on) next.set(user.id, user);
      else next.delete(user.id);
    }
    anchor.current = index;
    onChosen(next);
  };
  const listed = users.filter(({ id }) => chosen.has(id)).length;
  const chooseAll = (on: boolean) => onChosen(on ? new Map([...chosen, ...users.map((user) => [user.id, user] as const)]) : new Map());

  const move = (event: KeyboardEvent) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const control = (event.target as HTMLElement).closest<HTMLElement>('[data-control]')?.dataset['control'];
    const menuOpen = (event.target as HTMLElement).getAttribute('aria-expanded') === 'true';
    if (step === undefined || control === undefined || menuOpen) return;
    const to = focused + step;
    if (to < 0 || to >= users.length) return;
    event.preventDefault();
    rows.scrollToIndex(to);
    wanted.current = `[data-index="${to}"] [data-control="${control}"]`;
    setFocused(to);
  };
  // Before the next key: a frame later, Space would still choose the row before.
  useLayoutEffect(() => {
    const element = wanted.current !== undefined && scroller.current?.querySelector<HTMLElement>(wanted.current);
    if (!element) return;
    wanted.current = undefined;
    element.focus();
  });

  return (
    <div className={styles.scroller} ref={scroller} aria-busy={stale}>
      <div role="table" aria-label={t('list')} aria-rowcount={all ? users.length + 1 : -1} className={styles.table} onKeyDown={move}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row}>
            <div role="columnheader">
              <Checkbox
                size="xs"
                aria-label={t('chooseAll')}
                checked={listed === users.length}
                indeterminate={listed > 0 && listed < users.length}
                onChange={(event) => chooseAll(event.currentTarget.checked)}
              />
            </div>
            <div role="columnheader">{t('columnName')}</div>
            <div role="columnheader">{t('columnRole')}</div>
            <div role="columnheader" className={styles.since}>
              {t('columnSince')}
            </div>
            <div role="columnheader">
              <VisuallyHidden>{t('columnActions')}</VisuallyHidden>
            </div>
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {items.map(({ index, start }) => {
            const user = users[index];
            return (
              user !== undefined && (
                <div
                  key={user.id}
                  role="row"
                  aria-rowindex={index + 2}
                  data-index={index}
                  data-user={user.id}
                  className={styles.row}
                  data-chosen={chosen.has(user.id) || undefined}
                  style={{ transform: `translateY(${start}px)` }}
                  onFocus={() => setFocused(index)}
                >
                  <UserRow
                    user={user}
                    active={index === focused}
                    chosen={chosen.has(user.id)}
                    onChoose={(on, range) => choose(index, on, range)}
                    onAction={(action) => onAction(action, user)}
                  />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

interface RowProps {
  user: User;
  /** Whether Tab stops here; the other rows are the arrows' business, else it were a long way out of the list. */
  active: boolean;
  chosen: boolean;
  onChoose(on: boolean, range: boolean): void;
  onAction(action: UserAction): void;
}

function UserRow({ user, active, chosen, onChoose, onAction }: RowProps) {
  const { t } = useTranslation('users');
  const { date } = useFormats();
  const name = named(user);
  const tabIndex = active ? 0 : -1;
  const mutes = useSupports('MUTES');
  return (
    <>
      <div role="cell">
        <Checkbox
          size="xs"
          data-control="choose"
          tabIndex={tabIndex}
          aria-label={t('choose', { name })}
          checked={chosen}
          onChange={(event) => onChoose(event.currentTarget.checked, event.nativeEvent instanceof MouseEvent && event.nativeEvent.shiftKey)}
        />
      </div>
      <div role="rowheader" className={styles.names}>
        <bdi className={user.name === null ? styles.nameless : styles.name}>{user.name === null ? t('noName') : visible(user.name)}</bdi>
        <div className={styles.below}>
          <bdi className={styles.id}>{user.id}</bdi>
          <InForce user={user} />
        </div>
      </div>
      <div role="cell">
        <RoleBadge role={user.role} />
      </div>
      <div role="cell" className={styles.since}>
        {date.format(new Date(user.createdAt))}
      </div>
      <div role="cell">
        <Menu position="bottom-end" width="13rem">
          <Menu.Target>
            <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" data-control="menu" tabIndex={tabIndex} aria-label={t('actions', { name })}>
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
      </div>
    </>
  );
}

const ACTIONS = [
  { action: 'role', label: 'changeRole', icon: ShieldCheck, lifts: undefined },
  { action: 'mute', label: 'mute', icon: MicOff, lifts: undefined },
  { action: 'unmute', label: 'unmute', icon: Volume2, lifts: 'mute' },
  { action: 'ban', label: 'ban', icon: Ban, lifts: undefined },
  { action: 'unban', label: 'unban', icon: Undo2, lifts: 'ban' },
  { action: 'token', label: 'token', icon: KeyRound, lifts: undefined },
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

/** Asks once for each length of the list. */
function useMore(wanted: boolean, length: number, onEnd: (() => Promise<void>) | undefined): void {
  const asked = useRef(0);
  useEffect(() => {
    if (!wanted || onEnd === undefined || asked.current === length) return;
    asked.current = length;
    void onEnd().then(() => (asked.current = 0));
  }, [wanted, length, onEnd]);
}
