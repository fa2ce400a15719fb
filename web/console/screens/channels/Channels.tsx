import { Button } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { Plus, SearchX } from 'lucide-react';
import { useCallback, useDeferredValue, useEffect, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { typeInput } from '../../graphql/channelType.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { useCommands } from '../../shell/palette.ts';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { useStale } from '../../shell/useStale.ts';
import { addressOf } from './address.ts';
import { useActions, type Saved } from './actions.ts';
import { WayDialog, type Way } from './BulkDialogs.tsx';
import { ChannelDrawer } from './ChannelDrawer.tsx';
import { ChannelsDocument, CreateOrUpdateChannelDocument, DeleteChannelsDocument } from './channels.generated.ts';
import type { Chosen } from './chosen.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { List } from './List.tsx';
import { NoChannels } from './NoChannels.tsx';
import { place } from './place.ts';
import { matching, rowOf, sorted, typesOf, type Row } from './rows.ts';
import { useSelection } from './selection.ts';
import { SelectionBar } from './SelectionBar.tsx';
import { Tools } from './Tools.tsx';
import { useChannels } from './useChannels.ts';
import { useFreeze, useTellSaved } from './useChanges.ts';
import { useView } from './useView.ts';

/** All channels at once. Search, type, order and what is being edited stand in the address. */
export default function Channels() {
  const { t } = useTranslation('channels');
  const [, navigate] = useLocation();
  const view = useView();
  const channels = useChannels();
  const actions = useActions(channels);
  const grid = useRef<HTMLDivElement>(null);
  const [active, setActive] = useActive();
  const [deleting, setDeleting] = useState<Chosen>();
  const [way, setWay] = useState<{ way: Way; of: Chosen }>();
  const tellSaved = useTellSaved();
  const freeze = useFreeze(actions);
  const stale = useStale();

  const all = channels.rows;
  const { search, type, edit } = view;
  const deferred = useDeferredValue(search);
  const selection = useSelection({ search: deferred, type });
  const rows = useShown(all, view, deferred);
  const selected = useMemo(() => all?.filter(({ cid }) => selection.all.has(cid)) ?? [], [all, selection.all]);
  const hidden = useHidden(rows);

  const edited = edit === undefined ? undefined : all?.find(({ cid }) => cid === edit);
  const close = useCallback(() => {
    view.setEdit(undefined);
    setDeleting(undefined);
    setWay(undefined);
    setTimeout(() => grid.current?.focus({ preventScroll: true }));
  }, [view.setEdit]);

  const onSaved = (before: Row | undefined, saved: Saved, name: string) => {
    const { now } = saved;
    close();
    if (now !== undefined) setActive(now.cid);
    if (before === undefined) place.made = now?.cid;
    // A search that hides what was just made would make one look for it.
    if (before === undefined && now !== undefined && matching([rowOf(now)], search, type).length === 0) view.clear();
    tellSaved(before, saved, name);
  };
  const onGone = useCallback(
    (cids: readonly string[]) => {
      channels.patch([], cids);
      selection.drop(cids);
    },
    [channels.patch, selection.drop],
  );
  const create = useCallback(() => view.setEdit('new'), [view.setEdit]);
  const onEdit = useCallback((row: Row) => view.setEdit(row.cid), [view.setEdit]);
  const onOpen = useCallback(
    (row: Row) => {
      place.left = true;
      navigate(addressOf(row.cid));
    },
    [navigate],
  );
  const chosen = useRef<Chosen>({ rows: [], matching: undefined });
  chosen.current = selected.length > 0 ? { rows: selected, matching: selection.matching } : { rows: rows?.filter(({ cid }) => cid === active) ?? [], matching: undefined };
  const onDelete = useCallback(() => {
    if (chosen.current.rows.length > 0) setDeleting(chosen.current);
  }, []);

  const free = deleting === undefined && way === undefined && edit === undefined;
  useHotkeys([['n', () => free && create(), { usePhysicalKeys: true }]]);
  useCommands(useMemo(() => [{ id: 'newChannel', label: t('new'), icon: Plus, run: create }], [t, create]));

  return (
    <Screen
      title={t('title')}
      note={stale(rows && all && (rows.length === all.length ? t('count', { count: all.length }) : t('countOf', { shown: rows.length, count: all.length })))}
      actions={
        <Button leftSection={<Plus size={16} aria-hidden />} onClick={create} aria-keyshortcuts="n">
          {t('new')}
        </Button>
      }
      operations={operationsOf(deferred, type, t('sampleAnnouncements'), chosen.current.rows)}
      fill
      focused={place.left}
    >
      <Tools view={view} types={useMemo(() => (all === undefined ? undefined : typesOf(all)), [all])} grid={grid} />
      {channels.error !== undefined && <Failure error={channels.error} onRetry={() => void channels.reload()} />}
      {channels.error === undefined && rows === undefined && <LoadingRows />}
      {all?.length === 0 && <NoChannels onCreate={create} reload={channels.reload} />}
      {all !== undefined && all.length > 0 && rows?.length === 0 && <NoMatch search={search} type={type} onClear={view.clear} />}
      {rows !== undefined && rows.length > 0 && (
        <List
          rows={rows}
          order={view.order}
          onOrder={view.setOrder}
          selection={selection}
          active={active}
          onActive={setActive}
          onOpen={onOpen}
          onEdit={onEdit}
          onDelete={onDelete}
          grid={grid}
        />
      )}
      {selected.length > 0 && <SelectionBar selected={selected} hidden={hidden(selected)} rows={rows ?? []} selection={selection} onFreeze={freeze} onWay={(way) => setWay({ way, of: chosen.current })} onDelete={onDelete} />}
      {deleting !== undefined && <DeleteDialog of={deleting} hidden={hidden(deleting.rows)} actions={actions} onGone={onGone} onBegun={selection.clear} onClose={close} />}
      {way !== undefined && <WayDialog {...way} onBegun={selection.clear} onClose={close} />}
      {deleting === undefined && (edit === 'new' || edited !== undefined) && (
        <ChannelDrawer
          key={edit}
          row={edited}
          actions={actions}
          onSaved={(saved, name) => onSaved(edited, saved, name)}
          onFreeze={(row) => freeze([row], !row.frozen)}
          onDelete={(row) => {
            view.setEdit(undefined);
            setDeleting({ rows: [row], matching: undefined });
          }}
          onClose={close}
        />
      )}
    </Screen>
  );
}

/** The row that the keys act on; it is still that one when one comes back. */
function useActive() {
  const state = useState(place.active);
  const [active] = state;
  useEffect(() => void (place.active = active), [active]);
  return state;
}

function useShown(all: readonly Row[] | undefined, { order, type }: ReturnType<typeof useView>, search: string) {
  const inOrder = useMemo(() => all && sorted(all, order), [all, order]);
  return useMemo(() => inOrder && matching(inOrder, search, type), [inOrder, search, type]);
}

/** Counts which of some rows are not shown. */
function useHidden(rows: readonly Row[] | undefined) {
  return useMemo(() => {
    const shown = new Set(rows?.map(({ cid }) => cid));
    return (of: readonly Row[]) => of.reduce((count, { cid }) => (shown.has(cid) ? count : count + 1), 0);
  }, [rows]);
}

function NoMatch({ search, type, onClear }: { search: string; type: string; onClear(): void }) {
  const { t } = useTranslation('channels');
  return (
    <Empty icon={SearchX} title={search === '' ? t('noneOfType', { type }) : t('noMatch', { search: search.trim() })} lead={t('noMatchLead')}>
      <Button variant="default" onClick={onClear}>
        {t('clearSearch')}
      </Button>
    </Empty>
  );
}

function operationsOf(search: string, type: string, name: string, toDelete: readonly Row[]) {
  const variables = { ...(search !== '' && { search }), ...(type !== '' && typeInput(type)) };
  const cids = toDelete.length > 0 ? toDelete.map(({ cid }) => cid) : ['livestream:announcements'];
  return [
    { document: ChannelsDocument, variables },
    { document: CreateOrUpdateChannelDocument, variables: { input: { name, type: 'Livestream' } } },
    { document: DeleteChannelsDocument, variables: { input: { cids } } },
  ];
}
