import { Button, NativeSelect } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Plus, SearchX } from 'lucide-react';
import { useCallback, useDeferredValue, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { newKey } from '../../graphql/key.ts';
import { typeInput } from '../../graphql/channelType.ts';
import { useFormats } from '../../i18n/formats.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { useCommands } from '../../shell/palette.ts';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { SearchField } from '../../shell/SearchField.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useActions } from './actions.ts';
import { addressOf } from './address.ts';
import { ChannelDrawer } from './ChannelDrawer.tsx';
import styles from './Channels.module.css';
import { ChannelsDocument, CreateOrUpdateChannelDocument, DeleteChannelsDocument, type ListedChannelFragment } from './channels.generated.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { List } from './List.tsx';
import { NoChannels } from './NoChannels.tsx';
import { COLUMNS, matching, sorted, typesOf, type Column, type Row } from './rows.ts';
import { SelectionBar } from './SelectionBar.tsx';
import { useTicks } from './ticks.ts';
import { useChannels } from './useChannels.ts';
import { useView } from './useView.ts';

/** All channels at once. Search, type, order and what is being edited stand in the address. */
export default function Channels() {
  const { t } = useTranslation('channels');
  const { number } = useFormats();
  const toast = useToast();
  const [, navigate] = useLocation();
  const view = useView();
  const channels = useChannels();
  const actions = useActions(channels);
  const ticks = useTicks();
  const grid = useRef<HTMLDivElement>(null);
  const [active, setActive] = useState<string>();
  const [deleting, setDeleting] = useState<readonly Row[]>();

  const all = channels.rows;
  const { search, type, order, edit } = view;
  const deferred = useDeferredValue(search);
  const inOrder = useMemo(() => all && sorted(all, order), [all, order]);
  const rows = useMemo(() => inOrder && matching(inOrder, deferred, type), [inOrder, deferred, type]);
  const types = useMemo(() => (all === undefined ? undefined : typesOf(all)), [all]);
  const ticked = useMemo(() => all?.filter(({ cid }) => ticks.all.has(cid)) ?? [], [all, ticks.all]);
  const hidden = useMemo(() => {
    const shown = new Set(rows?.map(({ cid }) => cid));
    return (of: readonly Row[]) => of.reduce((count, { cid }) => (shown.has(cid) ? count : count + 1), 0);
  }, [rows]);

  const edited = edit === undefined ? undefined : all?.find(({ cid }) => cid === edit);
  const close = useCallback(() => {
    view.setEdit(undefined);
    setDeleting(undefined);
    setTimeout(() => grid.current?.focus({ preventScroll: true }));
  }, [view.setEdit]);

  const onSaved = (before: Row | undefined, now: ListedChannelFragment | undefined, name: string) => {
    close();
    if (now !== undefined) setActive(now.cid);
    if (before === undefined) return toast.done(t('created', { name: short(name) }));
    const key = newKey();
    const undo = async () => {
      const avatar = now !== undefined && now.avatar !== before.avatar ? { avatarFilename: fileOf(before.avatar) } : {};
      await actions.save({ id: before.id, name: before.label, ...typeInput(before.type), ...avatar }, key);
    };
    const renamed = before.label !== name;
    const words = renamed ? t('renamed', { before: short(before.label), name: short(name) }) : t('saved', { name: short(name) });
    toast.done(words, () => void toast.attempt(undo));
  };

  const freeze = useCallback(
    async (of: readonly Row[], frozen: boolean) => {
      const act = (cids: readonly string[], frozen: boolean, after: (done: string[]) => void) => {
        const key = newKey();
        let left = cids;
        return toast.attempt(async () => {
          const { done, error } = await actions.freeze(left, frozen, key);
          left = left.filter((cid) => !done.includes(cid));
          if (done.length > 0) after(done);
          if (error !== undefined) throw error;
        });
      };
      await act(of.filter((row) => row.frozen !== frozen).map(({ cid }) => cid), frozen, (done) => {
        const words = t(frozen ? 'frozenNow' : 'thawedNow', { count: done.length });
        toast.done(words, () => void act(done, !frozen, () => undefined));
      });
    },
    [actions, t, toast],
  );

  const onGone = useCallback(
    (cids: readonly string[]) => {
      channels.patch([], cids);
      ticks.set(cids.map((cid) => ({ cid })), false);
    },
    [channels.patch, ticks.set],
  );
  const create = useCallback(() => view.setEdit('new'), [view.setEdit]);
  const onEdit = useCallback((row: Row) => view.setEdit(row.cid), [view.setEdit]);
  const onOpen = useCallback((row: Row) => navigate(addressOf(row.cid)), [navigate]);
  const toDelete = useRef<readonly Row[]>([]);
  toDelete.current = ticked.length > 0 ? ticked : (rows?.filter(({ cid }) => cid === active) ?? []);
  const onDelete = useCallback(() => {
    if (toDelete.current.length > 0) setDeleting(toDelete.current);
  }, []);

  const free = deleting === undefined && edit === undefined;
  useHotkeys([['n', () => free && create(), { usePhysicalKeys: true }]]);
  useCommands(useMemo(() => [{ id: 'newChannel', label: t('new'), icon: Plus, run: create }], [t, create]));

  const variables = { ...(deferred !== '' && { search: deferred }), ...(type !== '' && typeInput(type)) };
  const example = { input: { name: t('sampleAnnouncements'), type: 'Livestream' } };
  const cids = toDelete.current.length > 0 ? toDelete.current.map(({ cid }) => cid) : ['livestream:announcements'];

  return (
    <Screen
      title={t('title')}
      note={rows && all && (rows.length === all.length ? t('count', { count: all.length }) : t('countOf', { shown: rows.length, count: all.length }))}
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={create} aria-keyshortcuts="n">
          {t('new')}
        </Button>
      }
      operations={[
        { document: ChannelsDocument, variables },
        { document: CreateOrUpdateChannelDocument, variables: example },
        { document: DeleteChannelsDocument, variables: { input: { cids } } },
      ]}
      fill
    >
      <div className={styles.tools}>
        <SearchField
          label={t('search')}
          clearLabel={t('clearSearch')}
          text={search}
          onText={view.setSearch}
          onKeyDown={(event) => {
            if (event.key === 'ArrowDown' || event.key === 'Enter') grid.current?.focus();
            else if (event.key === 'Escape') view.setSearch('');
            else return;
            event.preventDefault();
          }}
        />
        <NativeSelect aria-label={t('filterType')} value={type} onChange={(event) => view.setType(event.currentTarget.value)}>
          <option value="">{t('allTypes')}</option>
          {[...new Map([...(type === '' ? [] : [[type, 0] as const]), ...(types ?? [])])].map(([each, count]) => (
            <option key={each} value={each}>
              {`${each} (${number.format(count)})`}
            </option>
          ))}
        </NativeSelect>
        <NativeSelect
          className={styles.order ?? ''}
          aria-label={t('order')}
          value={order.column}
          onChange={(event) => view.setOrder(event.currentTarget.value as Column)}
        >
          {COLUMNS.map((column) => (
            <option key={column} value={column}>
              {t(`order_${column}`)}
            </option>
          ))}
        </NativeSelect>
      </div>
      {channels.error !== undefined && <Failure error={channels.error} onRetry={() => void channels.reload()} />}
      {channels.error === undefined && rows === undefined && <LoadingRows />}
      {all?.length === 0 && <NoChannels onCreate={create} reload={channels.reload} />}
      {all !== undefined && all.length > 0 && rows?.length === 0 && (
        <Empty icon={SearchX} title={search === '' ? t('noneOfType', { type }) : t('noMatch', { search: search.trim() })} lead={t('noMatchLead')}>
          <Button variant="default" onClick={view.clear}>
            {t('clearSearch')}
          </Button>
        </Empty>
      )}
      {rows !== undefined && rows.length > 0 && (
        <List
          rows={rows}
          order={order}
          onOrder={view.setOrder}
          ticks={ticks}
          active={active}
          onActive={setActive}
          onOpen={onOpen}
          onEdit={onEdit}
          onDelete={onDelete}
          grid={grid}
        />
      )}
      {ticked.length > 0 && (
        <SelectionBar
          ticked={ticked}
          hidden={hidden(ticked)}
          rows={rows ?? []}
          ticks={ticks}
          onFreeze={freeze}
          onDelete={onDelete}
        />
      )}
      {deleting !== undefined && (
        <DeleteDialog rows={deleting} hidden={hidden(deleting)} actions={actions} onGone={onGone} onClose={close} />
      )}
      {deleting === undefined && (edit === 'new' || edited !== undefined) && (
        <ChannelDrawer
          key={edit}
          row={edited}
          actions={actions}
          onSaved={(now, name) => onSaved(edited, now, name)}
          onFreeze={(row) => void freeze([row], !row.frozen)}
          onDelete={(row) => {
            view.setEdit(undefined);
            setDeleting([row]);
          }}
          onClose={close}
        />
      )}
    </Screen>
  );
}

/** A name within a sentence: not too long. */
function short(name: string): string {
  const letters = [...name];
  return letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : name;
}

/** The file name that an avatar's address ends with. */
function fileOf(avatar: string | null): string | null {
  if (avatar === null) return null;
  return decodeURIComponent(new URL(avatar, location.href).pathname.split('/').at(-1) ?? '');
}
