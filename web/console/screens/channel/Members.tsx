import { NetworkStatus } from '@apollo/client';
import { useQuery } from '@apollo/client/react';
import { Button, Drawer, Group, Text, TextInput, Title } from '@mantine/core';
import { Search, Users } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { PeopleField } from '../../bulk/PeopleField.tsx';
import { foldText } from '../../fold.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows } from '../../shell/Screen.tsx';
import { RestrictDialog, useLift } from '../users/RestrictDialog.tsx';
import { ChannelRestrictionsDocument, UsersInForceDocument } from '../users/users.generated.ts';
import {
  ChannelMembersDocument,
  type ChannelMembersQuery,
  type PersonFragment,
} from './channel.generated.ts';
import { MemberRow, type Restriction } from './MemberRow.tsx';
import styles from './Members.module.css';
import { useMemberChanges, type Member } from './useMemberChanges.ts';

const MOST = 200;

/** Who belongs to the channel, and what each may do. */
export function Members({ cid, opened, onClose, presence }: { cid: string; opened: boolean; onClose(): void; presence: ReadonlyMap<string, boolean> }) {
  const { t } = useTranslation(['channel', 'shell']);
  return (
    <Drawer opened={opened} onClose={onClose} position="right" size="min(26rem, 100vw)" title={t('members')} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <Content cid={cid} presence={presence} />
    </Drawer>
  );
}

function Content({ cid, presence }: { cid: string; presence: ReadonlyMap<string, boolean> }) {
  const { t } = useTranslation('channel');
  const [text, setText] = useState('');
  const { data, error, refetch, fetchMore, networkStatus } = useQuery(ChannelMembersDocument, { variables: { cid } });
  const next = data?.members?.pageInfo?.hasNextPage === true ? data.members.pageInfo.endCursor : undefined;
  // The search looks through all members, and whoever isn't among them can be added.
  useEffect(() => {
    if (next != null) void fetchMore({ variables: { cid, after: next }, updateQuery: joined }).catch(() => undefined);
  }, [cid, fetchMore, next]);
  const members = data?.members?.nodes;
  const wanted = foldText(text.trim());
  const found = (members ?? []).filter(({ user }) => [user?.id, user?.name].some((each) => foldText(each ?? '').includes(wanted)));
  const { data: inForce } = useQuery(ChannelRestrictionsDocument, { variables: { cid } });
  const shown = found.slice(0, MOST);
  const everywhere = useEverywhere(shown.map(({ user }) => user.id));
  const change = useMemberChanges(cid, () => void refetch());
  const lift = useLift(cid);
  const [restricting, setRestricting] = useState<{ kind: 'ban' | 'mute'; user: PersonFragment }>();
  if (members === undefined) {
    return error !== undefined && networkStatus !== NetworkStatus.loading ? <Failure error={error} onRetry={() => void refetch()} /> : <LoadingRows rows={5} />;
  }
  const here = new Set(members.map((member) => member?.user?.id ?? ''));
  const restrictions = (inForce?.restrictions ?? []) as readonly Restriction[];
  const outsiders = [...new Map(restrictions.filter(({ user }) => !here.has(user.id)).map(({ user }) => [user.id, user])).values()];
  const row = (person: PersonFragment, member?: Member) => (
    <MemberRow
      key={person.id}
      person={person}
      online={presence.get(person.id)}
      restrictions={restrictions.filter(({ user }) => user.id === person.id)}
      everywhere={everywhere.get(person.id)}
      change={member && { role: (to) => void change.role(member, to), remove: () => void change.remove([member.id]) }}
      onRestrict={(kind) => setRestricting({ kind, user: person })}
      onLift={({ kind, version }) => void lift(kind === 'BAN' ? 'unban' : 'unmute', person, version)}
    />
  );
  return (
    <>
      <AddMembers present={here} onAdd={change.add} />
      {members.length > 0 ? (
        <TextInput
          my="sm"
          type="search"
          aria-label={t('searchMembers')}
          placeholder={t('searchMembers')}
          leftSection={<Search size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
      ) : (
        <Empty icon={Users} title={t('noMembers')} lead={t('noMembersLead')} />
      )}
      <ul className={styles.list}>
        {shown.map(({ user }) => row(user, user))}
      </ul>
      {found.length > MOST && <Text c="dimmed">{t('moreMembers', { count: found.length - MOST })}</Text>}
      {members.length > 0 && found.length === 0 && <Text c="dimmed">{t('noSuchMember')}</Text>}
      {outsiders.length > 0 && (
        <>
          <Title order={3} fz="sm" mt="md">
            {t('othersRestricted')}
          </Title>
          <ul className={styles.list}>{outsiders.map((person) => row(person))}</ul>
        </>
      )}
      {restricting !== undefined && <RestrictDialog {...restricting} cid={cid} onClose={() => setRestricting(undefined)} />}
    </>
  );
}

/** What was taken from these people in all channels, by id. */
function useEverywhere(ids: readonly string[]) {
  const { data } = useQuery(UsersInForceDocument, { variables: { ids: [...ids] }, skip: ids.length === 0 });
  return new Map(data?.chatUsers.nodes.map((user) => [user.id, user]));
}

/** A list with the page that follows. */
function joined(before: ChannelMembersQuery, { fetchMoreResult: { members } }: { fetchMoreResult: ChannelMembersQuery }): ChannelMembersQuery {
  const known = new Set(before.members.nodes.map(({ user }) => user.id));
  return { members: { ...members, nodes: [...before.members.nodes, ...members.nodes.filter(({ user }) => !known.has(user.id))] } };
}

function AddMembers({ present, onAdd }: { present: ReadonlySet<string>; onAdd(ids: string[]): Promise<boolean> }) {
  const { t } = useTranslation('channel');
  const [chosen, setChosen] = useState<string[]>([]);
  const [busy, setBusy] = useState(false);
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <PeopleField label={t('addMembers')} value={chosen} onChange={setChosen} without={present} className={styles.add} />
      <Button
        disabled={chosen.length === 0}
        loading={busy}
        onClick={() => {
          setBusy(true);
          void onAdd(chosen).then((added) => {
            setBusy(false);
            if (added) setChosen([]);
          });
        }}
      >
        {t('add')}
      </Button>
    </Group>
  );
}
