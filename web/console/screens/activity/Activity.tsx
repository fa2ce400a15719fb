import { useApolloClient, useQuery } from '@apollo/client/react';
import { Button, Modal, Stack, Text } from '@mantine/core';
import { History, SearchX } from 'lucide-react';
import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { OneChangeDocument, UndoDocument } from '../../changes/changes.generated.ts';
import { Entry, type People } from '../../changes/Entry.tsx';
import { UndoDialog } from '../../changes/UndoDialog.tsx';
import { idsIn, usePeople } from '../../changes/usePeople.ts';
import type { Change } from '../../changes/words.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import styles from './Activity.module.css';
import { ChangesDocument } from './activity.generated.ts';
import { Filter } from './Filter.tsx';
import { useActivity } from './useActivity.ts';
import { useFilter } from './useFilter.ts';

/** Who did what, newest first, as it happens. Changes can be undone here. */
export default function Activity() {
  const { t } = useTranslation('activity');
  const filter = useFilter();
  const { list, error, stale, refetch, more, moreError, loading, renew } = useActivity(filter.filter);
  const people = usePeople(idsIn(list?.nodes ?? []));
  const [undoing, setUndoing] = useState<Change>();
  return (
    <Screen
      title={t('title')}
      operations={[
        { document: ChangesDocument, variables: { filter: filter.filter } },
        { document: UndoDocument, variables: { input: { change: list?.nodes.find(({ canUndo }) => canUndo)?.id ?? '01a2239f-2de5-7d4d-8337-2b39731dace9' } } },
      ]}
      reading
    >
      <Filter filter={filter} />
      {error !== undefined && list === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && list === undefined && <LoadingRows />}
      {list?.nodes.length === 0 && <None filtered={filter.active > 0} onClear={() => filter.change({ by: '', operation: '', cid: '', user: '', outcome: '', since: '', until: '' })} />}
      {list !== undefined && list.nodes.length > 0 && (
        <div aria-busy={stale} className={styles.list}>
          <Days changes={list.nodes} people={people} onUndo={setUndoing} />
          {moreError !== undefined && <Failure error={moreError} onRetry={() => void more()} />}
          {list.pageInfo.hasNextPage && moreError === undefined && (
            <Button variant="default" my="md" loading={loading} onClick={() => void more()}>
              {t('older')}
            </Button>
          )}
        </div>
      )}
      {filter.shown !== null && undoing === undefined && <One id={filter.shown} onUndo={setUndoing} onClose={() => filter.change({ change: '' })} />}
      {undoing !== undefined && <UndoOne change={undoing} people={people} onDone={() => void renew().catch(() => undefined)} onClose={() => setUndoing(undefined)} />}
    </Screen>
  );
}

/** The changes under the days on which they were made. */
function Days({ changes, people, onUndo }: { changes: readonly Change[]; people: People; onUndo(change: Change): void }) {
  const { day } = useFormats();
  const days = useMemo(() => {
    const days = new Map<string, Change[]>();
    for (const change of changes) {
      const of = day.format(new Date(change.at));
      days.set(of, [...(days.get(of) ?? []), change]);
    }
    return [...days];
  }, [changes, day]);
  return days.map(([of, on]) => (
    <section key={of} aria-label={of}>
      <h2 className={styles.day}>{of}</h2>
      {on.map((change) => (
        <Entry key={change.id} change={change} people={people} onUndo={onUndo} />
      ))}
    </section>
  ));
}

function None({ filtered, onClear }: { filtered: boolean; onClear(): void }) {
  const { t } = useTranslation('activity');
  if (!filtered) return <Empty icon={History} title={t('empty')} lead={t('emptyLead')} />;
  return (
    <Empty icon={SearchX} title={t('noMatch')} lead={t('noMatchLead')}>
      <Button variant="default" onClick={onClear}>
        {t('clear')}
      </Button>
    </Empty>
  );
}

/** One change with all that is known of it: what a link leads to. */
function One({ id, onUndo, onClose }: { id: string; onUndo(change: Change): void; onClose(): void }) {
  const { t } = useTranslation(['activity', 'shell']);
  const { data, error, refetch } = useQuery(OneChangeDocument, { variables: { id } });
  const change = data?.change ?? undefined;
  const people = usePeople(change === undefined ? [] : idsIn([change]));
  return (
    <Modal opened onClose={onClose} title={t('one')} size="lg" closeButtonProps={{ 'aria-label': t('shell:close') }}>
      {error !== undefined && data === undefined && <Failure error={error} onRetry={() => void refetch()} />}
      {error === undefined && data === undefined && <LoadingRows rows={2} />}
      {data?.change === null && <Empty icon={SearchX} lead={t('gone')} />}
      {change !== undefined && (
        <Stack gap="sm">
          <Entry change={change} people={people} whole onUndo={onUndo} />
          <dl className={styles.facts}>
            {(
              [
                ['via', t(`via${change.via}`)],
                ['operation', change.operation],
                ['address', change.address],
                ['requestId', change.requestId],
                ['id', change.id],
              ] as const
            ).map(
              ([fact, value]) =>
                value !== null && (
                  <div key={fact}>
                    <dt>{t(fact)}</dt>
                    <dd>
                      <bdi>{visible(value)}</bdi>
                    </dd>
                  </div>
                ),
            )}
          </dl>
        </Stack>
      )}
    </Modal>
  );
}

function UndoOne({ change, people, onDone, onClose }: { change: Change; people: People; onDone(): void; onClose(): void }) {
  const { t } = useTranslation(['activity', 'changes']);
  const client = useApolloClient();
  const done = () => {
    onDone();
    void client.query({ query: OneChangeDocument, variables: { id: change.id }, fetchPolicy: 'network-only' }).catch(() => undefined);
  };
  return (
    <UndoDialog
      title={t('undoTitle')}
      submit={t('changes:undo')}
      wanted={[{ change: change.id }]}
      people={people}
      onDone={done}
      onClose={onClose}
    >
      <div>
        <Entry change={change} people={people} whole bare />
        <Text mt="xs">{t('undoLead')}</Text>
      </div>
    </UndoDialog>
  );
}
