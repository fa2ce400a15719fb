import { Button, Checkbox, NativeSelect, SegmentedControl, Text, TextInput } from '@mantine/core';
import { useDeferredValue, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows } from '../../shell/Screen.tsx';
import { SearchField } from '../../shell/SearchField.tsx';
import { matching, typesOf, type Row } from '../channels/rows.ts';
import type { Channels } from '../channels/useChannels.ts';
import { MAX_CHOSEN, obstacleTo, reached, type Audience } from './audience.ts';
import styles from './Announcements.module.css';

/** More are found by searching. */
const SHOWN = 100;

interface Props {
  audience: Audience;
  onChange(audience: Audience): void;
  channels: Channels;
  /** Whether it was tried to go on: what is wrong is then said. */
  tried: boolean;
}

/** Chooses whom an announcement is for: channels one by one, by a filter, or all. */
export function AudienceField({ audience, onChange, channels: { rows, error, reload }, tried }: Props) {
  const { t } = useTranslation('announcements');
  const count = useMemo(() => rows && reached(rows, audience).length, [rows, audience]);
  const obstacle = obstacleTo(audience);
  return (
    <section className={styles.part} aria-label={t('to')}>
      <h2>{t('to')}</h2>
      <div className={styles.ways}>
        <SegmentedControl
          size="xs"
          transitionDuration={0}
          aria-label={t('to')}
          value={audience.way}
          onChange={(way) => onChange({ ...audience, way: way as Audience['way'] })}
          data={[
            { value: 'some', label: t('waySome') },
            { value: 'matching', label: t('wayMatching') },
            { value: 'all', label: t('wayAll') },
          ]}
        />
        <Text component="span" role="status" fz="sm" fw={600}>
          {obstacle === 'noFilter' || count === undefined ? '' : t('channels', { count })}
        </Text>
      </div>
      {audience.way === 'matching' && <Filter audience={audience} onChange={onChange} rows={rows ?? []} />}
      {audience.way === 'some' && rows !== undefined && <Choice rows={rows} cids={audience.cids} onChange={(cids) => onChange({ ...audience, cids })} />}
      {rows === undefined && error === undefined && <LoadingRows rows={3} />}
      {rows === undefined && error !== undefined && <Failure error={error} onRetry={() => void reload()} />}
      <div role="alert" className={styles.trouble}>
        {tried || obstacle === 'tooMany' ? obstacle && t(obstacle, { most: MAX_CHOSEN }) : ''}
      </div>
    </section>
  );
}

function Types({ rows, value, onChange }: { rows: readonly Row[]; value: string; onChange(type: string): void }) {
  const { t } = useTranslation('announcements');
  const types = useMemo(() => [...typesOf(rows).keys()], [rows]);
  return (
    <NativeSelect aria-label={t('type')} value={value} onChange={(event) => onChange(event.currentTarget.value)}>
      <option value="">{t('allTypes')}</option>
      {[...new Set([...(value === '' ? [] : [value]), ...types])].map((each) => (
        <option key={each}>{each}</option>
      ))}
    </NativeSelect>
  );
}

/** What all channels must match, applied when it is sent. */
function Filter({ audience, onChange, rows }: Pick<Props, 'audience' | 'onChange'> & { rows: readonly Row[] }) {
  const { t } = useTranslation('announcements');
  return (
    <>
      <div className={styles.filter}>
        <SearchField label={t('search')} clearLabel={t('clearSearch')} text={audience.search} onText={(search) => onChange({ ...audience, search })} />
        <Types rows={rows} value={audience.type} onChange={(type) => onChange({ ...audience, type })} />
        <TextInput type="date" label={t('since')} value={audience.since} onChange={(event) => onChange({ ...audience, since: event.currentTarget.value })} />
      </div>
      <Text fz="xs" c="dimmed">
        {t('filterLead')}
      </Text>
    </>
  );
}

/** Channels one by one, or all that a search finds. */
function Choice({ rows, cids, onChange }: { rows: readonly Row[]; cids: readonly string[]; onChange(cids: string[]): void }) {
  const { t } = useTranslation('announcements');
  const [search, setSearch] = useState('');
  const [type, setType] = useState('');
  const wanted = useDeferredValue(search);
  const chosen = useMemo(() => new Set(cids), [cids]);
  const found = useMemo(() => matching(rows, wanted, type), [rows, wanted, type]);
  // Those that were chosen when the list was made come first; none moves while one chooses.
  const [first, setFirst] = useState(chosen);
  const order = useMemo(() => [...found.filter(({ cid }) => first.has(cid)), ...found.filter(({ cid }) => !first.has(cid))], [found, first]);
  const look = (act: () => void) => {
    setFirst(chosen);
    act();
  };
  const unchosen = found.filter(({ cid }) => !chosen.has(cid)).length;
  return (
    <>
      <div className={styles.ways}>
        <SearchField label={t('search')} clearLabel={t('clearSearch')} text={search} onText={(text) => look(() => setSearch(text))} />
        <Types rows={rows} value={type} onChange={(next) => look(() => setType(next))} />
        {unchosen > 0 && (
          <Button size="compact-sm" variant="default" onClick={() => onChange([...new Set([...cids, ...found.map(({ cid }) => cid)])])}>
            {t('chooseFound', { count: found.length })}
          </Button>
        )}
        {cids.length > 0 && (
          <Button size="compact-sm" variant="subtle" color="gray" c="dimmed" onClick={() => onChange([])}>
            {t('chooseNone')}
          </Button>
        )}
      </div>
      {found.length === 0 ? (
        <Text c="dimmed">{t('noneFound')}</Text>
      ) : (
        <ul className={styles.channels} aria-label={t('choice')}>
          {order.slice(0, SHOWN).map(({ cid, label }) => (
            <li key={cid}>
              <Checkbox
                size="xs"
                label={
                  <>
                    <bdi>{visible(label)}</bdi>{' '}
                    <bdi dir="ltr" className={styles.cid}>
                      {cid}
                    </bdi>
                  </>
                }
                checked={chosen.has(cid)}
                onChange={(event) => onChange(event.currentTarget.checked ? [...cids, cid] : cids.filter((each) => each !== cid))}
              />
            </li>
          ))}
        </ul>
      )}
      {order.length > SHOWN && (
        <Text fz="xs" c="dimmed" mt={4}>
          {t('moreFound', { count: order.length - SHOWN })}
        </Text>
      )}
    </>
  );
}
