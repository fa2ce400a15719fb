import { Button, Text } from '@mantine/core';
import { SearchX, Trash2, Undo2 } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { UndoDocument } from '../../changes/changes.generated.ts';
import { UndoDialog } from '../../changes/UndoDialog.tsx';
import { usePeople } from '../../changes/usePeople.ts';
import { useSupports } from '../../graphql/provider.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { Named } from '../channels/Named.tsx';
import { SearchField } from '../../shell/SearchField.tsx';
import { useSearch } from '../../shell/useSearch.ts';
import styles from './Bin.module.css';
import { BinDocument } from './bin.generated.ts';
import { BinTable } from './BinTable.tsx';
import { EraseDialog } from './EraseDialog.tsx';
import { useBin, useChooseRest, wantedOf, type Binned } from './useBin.ts';

/** Each pause in the typing asks the server. */
const PAUSE = 150;

type Dialog = { what: 'restore'; channels: readonly Binned[] } | { what: 'erase'; channel: Binned };

/** Deleted channels, until they are erased: they can come back with all that is in them. */
export default function Bin() {
  const { t } = useTranslation('bin');
  const { text, setText, settled: search } = useSearch(PAUSE);
  const [chosen, setChosen] = useState<ReadonlyMap<string, Binned>>(new Map());
  const [dialog, setDialog] = useState<Dialog>();
  const { variables, list, error, stale, refetch, more, moreError } = useBin(search);
  const { choosing, chooseRest } = useChooseRest(variables, setChosen);
  const there = useSupports('BIN');
  const people = usePeople(list?.nodes.map(({ deletedBy }) => deletedBy) ?? []);
  const restorable = [...chosen.values()].filter(({ change }) => change !== null);
  const gone = (channels: readonly Binned[]) => {
    setChosen((before) => new Map([...before].filter(([id]) => !channels.some((each) => each.id === id))));
    void refetch().catch(() => undefined);
  };

  if (!there) {
    return (
      <Screen title={t('title')} operations={[]}>
        <Empty icon={Trash2} title={t('notHere')} lead={t('notHereLead')} />
      </Screen>
    );
  }
  return (
    <Screen
      title={t('title')}
      note={list && (list.pageInfo.hasNextPage ? t('countMore', { shown: list.nodes.length }) : t('count', { count: list.nodes.length }))}
      operations={[
        { document: BinDocument, variables },
        { document: UndoDocument, variables: { input: wantedOf(restorable)[0] ?? { change: '01a2239f-2de5-7d4d-8337-2b39731dace9', cids: ['livestream:announcements'] } } },
      ]}
      fill
    >
      <div className={styles.tools}>
        <SearchField label={t('search')} clearLabel={t('clearSearch')} text={text} onText={setText} />
        <div role="status" className={styles.chosen}>
          {chosen.size > 0 && t('chosen', { count: chosen.size })}
        </div>
        {chosen.size > 0 && (
          <>
            <Button size="xs" leftSection={<Undo2 size={14} aria-hidden className="bc-mirror" />} disabled={restorable.length === 0} onClick={() => setDialog({ what: 'restore', channels: restorable })}>
              {t('restore')}
            </Button>
            {list?.pageInfo.hasNextPage === true && (
              <Button size="xs" variant="default" loading={choosing} onClick={() => void chooseRest()}>
                {t('chooseRest')}
              </Button>
            )}
            <Button size="xs" variant="subtle" color="gray" c="dimmed" onClick={() => setChosen(new Map())}>
              {t('forget')}
            </Button>
          </>
        )}
      </div>
      {error !== undefined && list === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && list === undefined && <LoadingRows />}
      {list !== undefined && list.nodes.length > 0 && (
        <BinTable
          channels={list.nodes}
          people={people}
          all={!list.pageInfo.hasNextPage}
          stale={stale}
          chosen={chosen}
          onChosen={setChosen}
          onEnd={moreError === undefined ? more : undefined}
          onRestore={(channel) => setDialog({ what: 'restore', channels: [channel] })}
          onErase={(channel) => setDialog({ what: 'erase', channel })}
        />
      )}
      {moreError !== undefined && <Failure error={moreError} onRetry={() => void more()} />}
      {list?.nodes.length === 0 && search === '' && <Empty icon={Trash2} title={t('empty')} lead={t('emptyLead')} />}
      {list?.nodes.length === 0 && search !== '' && (
        <Empty icon={SearchX} title={t('noMatch', { search })} lead={t('noMatchLead')}>
          <Button variant="default" onClick={() => setText('')}>
            {t('clearSearch')}
          </Button>
        </Empty>
      )}
      {dialog?.what === 'restore' && <Restore channels={dialog.channels} onGone={gone} onClose={() => setDialog(undefined)} />}
      {dialog?.what === 'erase' && <EraseDialog channel={dialog.channel} onGone={gone} onClose={() => setDialog(undefined)} />}
    </Screen>
  );
}

function Restore({ channels, onGone, onClose }: { channels: readonly Binned[]; onGone(channels: readonly Binned[]): void; onClose(): void }) {
  const { t } = useTranslation('bin');
  const people = usePeople(channels.map(({ deletedBy }) => deletedBy));
  return (
    <UndoDialog
      title={t('restoreTitle', { count: channels.length })}
      submit={t('restore')}
      wanted={wantedOf(channels)}
      people={people}
      onDone={(left) => onGone(channels.filter(({ change, cid }) => !left.some((part) => part.change === change && part.cids?.includes(cid) !== false)))}
      onClose={onClose}
    >
      <Named channels={channels.map(({ cid, name }) => ({ cid, label: name, type: cid.slice(0, cid.indexOf(':')) }))} label={t('restoreNames')} />
      <Text>{t('restoreLead', { count: channels.length })}</Text>
    </UndoDialog>
  );
}
