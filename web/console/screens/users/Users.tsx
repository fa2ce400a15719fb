import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { Button, Menu } from '@mantine/core';
import { Ban, ChevronDown, MicOff, SearchX, Undo2, UploadCloud, UsersRound, Volume2 } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useLocation } from 'wouter';

import { useOnline } from '../../graphql/connection.ts';
import { useSupports } from '../../graphql/provider.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { SearchField } from '../../shell/SearchField.tsx';
import { useStale } from '../../shell/useStale.ts';
import { useSearch } from '../../shell/useSearch.ts';
import { ManyDialog, type ManyWay } from './ManyDialog.tsx';
import { RestrictDialog, useLift } from './RestrictDialog.tsx';
import { RoleDialog } from './RoleDialog.tsx';
import { TokenDialog } from './TokenDialog.tsx';
import styles from './Users.module.css';
import type { User } from './user.ts';
import { UserTable, type UserAction } from './UserTable.tsx';
import { AllUserCountDocument, SetRolesDocument, UserCountDocument, UsersDocument, type UsersQuery } from './users.generated.ts';

/** Each pause in the typing asks the server. */
const PAUSE = 150;
/** What chatUserCount counts at most. */
const MOST_COUNTED = 10_000;

type Dialog = { action: Exclude<UserAction, 'unban' | 'unmute' | 'about' | 'by'>; users: readonly User[] };

/** The chat's users: found as one types, chosen in rows, and what can be done to them. */
export default function Users() {
  const { t } = useTranslation('users');
  const lift = useLift();
  const [, navigate] = useLocation();
  const aged = useStale();
  const { text, setText, settled: search } = useSearch(PAUSE);
  const [dialog, setDialog] = useState<Dialog>();
  const [many, setMany] = useState<ManyWay>();
  const forMany = useRef<HTMLButtonElement>(null);

  const { variables, list, error, stale, refetch, more, moreError } = useUsers(search);
  const { count, more: isMore } = useCount(search, list);
  const { chosen, setChosen, all, chooseAll, selection, forget } = useChosen(search, list);
  const act = (action: UserAction, user: User) => {
    if (action === 'unban' || action === 'unmute') void lift(action, user, user[action === 'unban' ? 'ban' : 'mute']?.version ?? '');
    else if (action === 'about' || action === 'by') navigate(`/activity?${action === 'by' ? 'by' : 'user'}=${encodeURIComponent(user.id)}`);
    else setDialog({ action, users: [user] });
  };
  const closed = () => {
    setDialog(undefined);
    const one = dialog?.users.length === 1 ? dialog.users[0] : undefined;
    requestAnimationFrame(() => {
      const row = one && document.querySelector<HTMLElement>(`[data-row="${CSS.escape(one.id)}"] [data-control="menu"]`);
      (row ?? forMany.current)?.focus();
    });
  };
  const closedMany = () => {
    setMany(undefined);
    requestAnimationFrame(() => forMany.current?.focus());
  };

  return (
    <Screen
      title={t('title')}
      note={aged(list && (t(isMore ? 'countMore' : 'count', { count })))}
      operations={[
        { document: UsersDocument, variables },
        { document: SetRolesDocument, variables: { input: { userIds: chosen.size > 0 ? [...chosen.keys()] : ['user1'], role: 'MODERATOR' } } },
      ]}
      actions={
        <Button component={Link} href="/users/import" size="compact-sm" variant="default" leftSection={<UploadCloud size={16} aria-hidden />}>
          {t('import')}
        </Button>
      }
      fill
    >
      <div className={styles.tools}>
        <SearchField label={t('search')} clearLabel={t('clearSearch')} text={text} onText={setText} />
        <div role="status" className={styles.chosen}>
          {all && (isMore ? t('chosenAll') : t('chosen', { count }))}
          {!all && chosen.size > 0 && t('chosen', { count: chosen.size })}
        </div>
        {chosen.size > 0 && (
          <>
            <Button
              ref={forMany}
              size="xs"
              onClick={() => (all ? setMany('role') : setDialog({ action: 'role', users: [...chosen.values()].map((user) => list?.nodes.find(({ id }) => id === user.id) ?? user) }))}
            >
              {t('changeRole')}
            </Button>
            <Restrictions onWay={setMany} />
            {list?.pageInfo.hasNextPage === true && !all && (
              <Button size="xs" variant="default" onClick={chooseAll}>
                {t('chooseRest')}
              </Button>
            )}
            <Button size="xs" variant="subtle" color="gray" c="dimmed" onClick={forget}>
              {t('forget')}
            </Button>
          </>
        )}
      </div>
      {error !== undefined && list === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && list === undefined && <LoadingRows />}
      {list !== undefined && list.nodes.length > 0 && (
        <UserTable users={list.nodes} all={!list.pageInfo.hasNextPage} stale={stale} chosen={chosen} onChosen={setChosen} onAction={act} onEnd={moreError === undefined ? more : undefined} />
      )}
      {moreError !== undefined && <Failure error={moreError} onRetry={() => void more()} />}
      {list?.nodes.length === 0 && search === '' && (
        <Empty icon={UsersRound} title={t('empty')} lead={t('emptyLead')}>
          <Button component={Link} href="/users/import">
            {t('emptyImport')}
          </Button>
        </Empty>
      )}
      {list?.nodes.length === 0 && search !== '' && (
        <Empty icon={SearchX} title={t('noMatch', { search })} lead={t('noMatchLead')}>
          <Button variant="default" onClick={() => setText('')}>
            {t('clearSearch')}
          </Button>
        </Empty>
      )}
      {many !== undefined && <ManyDialog way={many} users={selection} about={all ? count : chosen.size} onBegun={forget} onClose={closedMany} />}
      {dialog?.action === 'role' && (
        <RoleDialog
          users={dialog.users}
          onClose={closed}
          onChanged={(users) => setChosen(new Map([...chosen].map(([id, user]) => [id, users.get(id) ?? user])))}
        />
      )}
      {(dialog?.action === 'ban' || dialog?.action === 'mute') && dialog.users[0] && <RestrictDialog kind={dialog.action} user={dialog.users[0]} onClose={closed} />}
      {dialog?.action === 'token' && dialog.users[0] && <TokenDialog user={dialog.users[0]} onClose={closed} />}
    </Screen>
  );
}

/** The users that match, page after page. */
function useUsers(search: string) {
  const variables = useMemo(() => (search === '' ? {} : { search }), [search]);
  const { data, previousData, error, networkStatus, refetch, fetchMore } = useQuery(UsersDocument, { variables });
  const shown = data ?? (networkStatus === NetworkStatus.setVariables ? previousData : undefined);
  const list = shown?.chatUsers as UsersQuery['chatUsers'] | undefined;

  const [moreError, setMoreError] = useState<unknown>();
  const more = async () => {
    const after = list?.pageInfo.endCursor;
    if (data === undefined || !list?.pageInfo.hasNextPage || after == null) return;
    setMoreError(undefined);
    try {
      await fetchMore({ variables: { ...variables, after }, updateQuery: joined });
    } catch (failure) {
      setMoreError(failure);
    }
  };
  // What failed for want of a server is tried again when it is back.
  const online = useOnline();
  useEffect(() => {
    if (online) setMoreError(undefined);
  }, [online, search]);
  return { variables, list, error, stale: data === undefined, refetch, more, moreError };
}

/** Who is selected: those that were picked, or all that match, also those that are not listed yet. */
function useChosen(search: string, list: UsersQuery['chatUsers'] | undefined) {
  const [picked, setPicked] = useState<ReadonlyMap<string, User>>(new Map());
  /** The search whose matches are all selected. */
  const [matching, setMatching] = useState<string>();
  const all = matching !== undefined && matching === search;
  const chosen = useMemo(() => (all ? new Map(list?.nodes.map((user) => [user.id, user] as const)) : picked), [all, list, picked]);
  const selection = useMemo(() => (!all ? { ids: [...chosen.keys()] } : search === '' ? { all: true } : { search }), [all, chosen, search]);
  const setChosen = (next: ReadonlyMap<string, User>) => {
    setMatching(undefined);
    setPicked(next);
  };
  const forget = () => setChosen(new Map());
  const chooseAll = () => setMatching(search);
  return { chosen, setChosen, all, chooseAll, selection, forget };
}

/** How many match, and whether there are more than that. */
function useCount(search: string, list: UsersQuery['chatUsers'] | undefined): { count: number; more: boolean } {
  const paged = list?.pageInfo.hasNextPage === true;
  const { data } = useQuery(UserCountDocument, { variables: search === '' ? {} : { search }, skip: !paged });
  const many = paged && data?.chatUserCount === null;
  const { data: all } = useQuery(AllUserCountDocument, { skip: !many || search !== '' });
  const listed = list?.nodes.length ?? 0;
  const count = paged ? (data?.chatUserCount ?? (search === '' ? all?.overview?.users : undefined)) : listed;
  if (count !== undefined) return { count, more: false };
  return { count: many ? Math.max(MOST_COUNTED, listed) : listed, more: true };
}

/** What restricts the selected users, or lifts that. */
function Restrictions({ onWay }: { onWay(way: ManyWay): void }) {
  const { t } = useTranslation('users');
  const mutes = useSupports('MUTES');
  return (
    <Menu>
      <Menu.Target>
        <Button size="xs" variant="default" rightSection={<ChevronDown size={14} aria-hidden />}>
          {t('restrict')}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        {RESTRICTIONS.filter(({ way }) => mutes || !way.endsWith('mute')).map(({ way, label, icon: Icon }) => (
          <Menu.Item key={way} leftSection={<Icon size={16} aria-hidden />} onClick={() => onWay(way)}>
            {t(label)}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  );
}

const RESTRICTIONS = [
  { way: 'mute', label: 'mute', icon: MicOff },
  { way: 'unmute', label: 'unmuteThem', icon: Volume2 },
  { way: 'ban', label: 'ban', icon: Ban },
  { way: 'unban', label: 'unbanThem', icon: Undo2 },
] as const;

/** A list with the page that follows. A page that came twice counts once. */
function joined(before: UsersQuery, { fetchMoreResult: { chatUsers } }: { fetchMoreResult: UsersQuery }): UsersQuery {
  const known = new Set(before.chatUsers.nodes.map(({ id }) => id));
  return { ...before, chatUsers: { ...chatUsers, nodes: [...before.chatUsers.nodes, ...chatUsers.nodes.filter(({ id }) => !known.has(id))] } };
}
