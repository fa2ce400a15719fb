import { NetworkStatus } from '@apollo/client';
import { useMutation, useQuery } from '@apollo/client/react';
import { ActionIcon, Badge, Button, Drawer, Group, Menu, MultiSelect, Text, TextInput } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { MoreHorizontal, Search, ShieldCheck, ShieldOff, UserMinus, Users } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows } from '../../shell/Screen.tsx';
import { useToast } from '../../shell/toast.tsx';
import type { ChatRole } from '../../graphql/types.generated.ts';
import {
  ChannelAddMembersDocument,
  ChannelMembersDocument,
  ChannelPeopleDocument,
  ChannelRemoveMembersDocument,
  ChannelSetRolesDocument,
  type PersonFragment,
} from './channel.generated.ts';
import { nameOf } from './draft.ts';
import styles from './Members.module.css';
import { Face, Name, PersonId } from './Message.tsx';

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
  const { data, error, refetch, networkStatus } = useQuery(ChannelMembersDocument, { variables: { cid } });
  const change = useChanges(cid, () => void refetch());
  const members = data?.members;
  const wanted = text.trim().toLowerCase();
  const found = (members ?? []).filter(({ user }) => [user?.id, user?.name].some((each) => each?.toLowerCase().includes(wanted)));

  if (members === undefined) {
    return error !== undefined && networkStatus !== NetworkStatus.loading ? <Failure error={error} onRetry={() => void refetch()} /> : <LoadingRows rows={5} />;
  }
  return (
    <>
      <AddMembers present={new Set(members.map(({ user }) => user?.id ?? ''))} onAdd={change.add} />
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
        {found.slice(0, MOST).map(({ user }) => {
          const person = user as PersonFragment;
          return <MemberRow key={person.id} person={person} online={presence.get(person.id)} change={change} />;
        })}
      </ul>
      {found.length > MOST && <Text c="dimmed">{t('moreMembers', { count: found.length - MOST })}</Text>}
      {members.length > 0 && found.length === 0 && <Text c="dimmed">{t('noSuchMember')}</Text>}
    </>
  );
}

type Change = ReturnType<typeof useChanges>;

/** Adding, removing and roles; each can be taken back from the toast. */
function useChanges(cid: string, done: () => void) {
  const { t } = useTranslation('channel');
  const toast = useToast();
  const [addMembers] = useMutation(ChannelAddMembersDocument);
  const [removeMembers] = useMutation(ChannelRemoveMembersDocument);
  const [setRoles] = useMutation(ChannelSetRolesDocument);
  const tell = async (act: () => Promise<unknown>, words: string, undo?: () => void) => {
    try {
      await act();
      done();
      toast.done(words, undo);
    } catch (error) {
      toast.failed(error);
    }
  };
  const role = async (person: PersonFragment, to: ChatRole, from?: ChatRole): Promise<void> => {
    const words = t('roleDone', { name: nameOf(person), role: t(`role${to}`) });
    await tell(
      () => setRoles({ variables: { input: { userIds: [person.id], role: to } } }),
      words,
      from === undefined ? undefined : () => void role(person, from),
    );
  };
  const add = async (ids: string[], again = true): Promise<void> =>
    tell(
      () => addMembers({ variables: { input: { cid, userIds: ids } } }),
      t('addDone', { count: ids.length }),
      again ? () => void remove(ids, false) : undefined,
    );
  const remove = async (ids: string[], again = true): Promise<void> =>
    tell(
      () => removeMembers({ variables: { input: { cid, userIds: ids } } }),
      t('removeDone', { count: ids.length }),
      again ? () => void add(ids, false) : undefined,
    );
  return { role, add, remove };
}

function MemberRow({ person, online, change }: { person: PersonFragment; online: boolean | undefined; change: Change }) {
  const { t } = useTranslation('channel');
  const moderator = person.role === 'MODERATOR';
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
      </span>
      <Menu position="bottom-end" withinPortal={false} withInitialFocusPlaceholder={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={t('memberMenu', { name: nameOf(person) })}>
            <MoreHorizontal size={16} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {person.role !== 'ADMIN' && (
            <Menu.Item
              leftSection={moderator ? <ShieldOff size={16} aria-hidden /> : <ShieldCheck size={16} aria-hidden />}
              onClick={() => void change.role(person, moderator ? 'USER' : 'MODERATOR', person.role)}
            >
              {moderator ? t('makeUser') : t('makeModerator')}
            </Menu.Item>
          )}
          <Menu.Item c="var(--mantine-color-error)" leftSection={<UserMinus size={16} aria-hidden />} onClick={() => void change.remove([person.id])}>
            {t('removeMember')}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </li>
  );
}

function AddMembers({ present, onAdd }: { present: ReadonlySet<string>; onAdd(ids: string[]): Promise<void> }) {
  const { t } = useTranslation('channel');
  const [chosen, setChosen] = useState<string[]>([]);
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 150);
  const { data, previousData } = useQuery(ChannelPeopleDocument, { variables: { search } });
  const people = ((data ?? previousData)?.chatUsers?.nodes ?? []) as PersonFragment[];
  const options = new Map(chosen.map((id) => [id, names.get(id) ?? id]));
  for (const person of people) if (!present.has(person.id)) options.set(person.id, nameOf(person));
  return (
    <Group align="flex-end" gap="xs" wrap="nowrap">
      <MultiSelect
        className={styles.add ?? ''}
        label={t('addMembers')}
        placeholder={chosen.length === 0 ? t('searchPeople') : ''}
        searchable
        hidePickedOptions
        data={[...options].map(([value, label]) => ({ value, label: label === value ? value : `${label} (${value})` }))}
        value={chosen}
        onChange={(ids) => {
          setChosen(ids);
          setNames(options);
          setText('');
        }}
        searchValue={text}
        onSearchChange={setText}
        nothingFoundMessage={t('nobodyFound')}
        filter={({ options }) => options}
        comboboxProps={{ withinPortal: false }}
      />
      <Button disabled={chosen.length === 0} onClick={() => void onAdd(chosen).then(() => setChosen([]))}>
        {t('add')}
      </Button>
    </Group>
  );
}
