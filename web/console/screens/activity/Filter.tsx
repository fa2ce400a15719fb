import { useQuery } from '@apollo/client/react';
import { Autocomplete, Button, NativeSelect, TextInput } from '@mantine/core';
import { useDebouncedValue, useMediaQuery } from '@mantine/hooks';
import { ListFilter } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { isKnown, OPERATIONS } from '../../changes/words.ts';
import { visible } from '../../i18n/visible.ts';
import { nameOf } from '../../people.ts';
import styles from './Activity.module.css';
import { ActivityChannelsDocument, ActivityPeopleDocument } from './activity.generated.ts';
import { OUTCOMES, type Field, type useFilter } from './useFilter.ts';

const PAUSE = 250;

/** What the list is narrowed to; on a telephone behind a button. */
export function Filter({ filter: { get, change, active } }: { filter: ReturnType<typeof useFilter> }) {
  const { t } = useTranslation(['activity', 'changes']);
  const narrow = useMediaQuery('(max-width: 48em)', window.innerWidth <= 768, { getInitialValueInEffect: false });
  const [opened, setOpened] = useState(false);
  const shown = !narrow || opened;
  const set = (field: Field) => (value: string) => change({ [field]: value });
  const operation = get('operation');
  return (
    <div className={styles.tools}>
      {narrow && (
        <Button size="compact-md" variant="default" leftSection={<ListFilter size={16} aria-hidden />} aria-expanded={opened} onClick={() => setOpened(!opened)}>
          {active === 0 ? t('filter') : t('filterActive', { count: active })}
        </Button>
      )}
      {shown && (
        <div role="search" aria-label={t('filter')} className={styles.filter}>
          <Person label={t('by')} value={get('by')} onChange={set('by')} first />
          <NativeSelect label={t('operation')} value={operation} onChange={(event) => change({ operation: event.currentTarget.value })}>
            <option value="">{t('all')}</option>
            {operation !== '' && !isKnown(operation) && <option value={operation}>{operation}</option>}
            {OPERATIONS.map((each) => (
              <option key={each} value={each}>
                {t(`changes:op_${each}`)}
              </option>
            ))}
          </NativeSelect>
          <Channel label={t('cid')} value={get('cid')} onChange={set('cid')} />
          <Person label={t('user')} value={get('user')} onChange={set('user')} />
          <NativeSelect label={t('outcome')} value={get('outcome')} onChange={(event) => change({ outcome: event.currentTarget.value })}>
            <option value="">{t('all')}</option>
            {OUTCOMES.map((each) => (
              <option key={each} value={each}>
                {t(`outcome${each}`)}
              </option>
            ))}
          </NativeSelect>
          <TextInput type="date" label={t('since')} value={get('since')} onChange={(event) => change({ since: event.currentTarget.value })} />
          <TextInput type="date" label={t('until')} value={get('until')} onChange={(event) => change({ until: event.currentTarget.value })} />
        </div>
      )}
      {active > 0 && (
        <Button size="compact-sm" variant="subtle" onClick={() => change({ by: '', operation: '', cid: '', user: '', outcome: '', since: '', until: '' })}>
          {t('clear')}
        </Button>
      )}
    </div>
  );
}

interface Props {
  label: string;
  value: string;
  onChange(value: string): void;
  /** The one that `/` goes to. */
  first?: boolean;
}

function Person(props: Props) {
  const [text, setText] = useTyped(props);
  const [search] = useDebouncedValue(text.trim(), PAUSE);
  const { data, previousData } = useQuery(ActivityPeopleDocument, { variables: { search }, skip: search === '' });
  const found = search === '' ? [] : ((data ?? previousData)?.chatUsers.nodes ?? []);
  return <Suggested {...props} text={text} onText={setText} found={found.map((person) => ({ id: person.id, name: nameOf(person) }))} />;
}

function Channel(props: Props) {
  const [text, setText] = useTyped(props);
  const [search] = useDebouncedValue(text.trim(), PAUSE);
  const { data, previousData } = useQuery(ActivityChannelsDocument, { variables: { search }, skip: search === '' });
  const found = search === '' ? [] : ((data ?? previousData)?.channels.nodes ?? []);
  return <Suggested {...props} text={text} onText={setText} found={found.map(({ cid, name }) => ({ id: cid, name: name ?? cid }))} />;
}

/** A field for an id, which offers those whose name fits too. */
function Suggested({ label, first = false, text, onText, onChange, found }: Props & { text: string; onText(text: string): void; found: readonly { id: string; name: string }[] }) {
  const names = new Map(found.map(({ id, name }) => [id, name]));
  return (
    <Autocomplete
      label={label}
      dir="auto"
      data-search={first || undefined}
      data={[...names.keys()]}
      filter={({ options }) => options}
      renderOption={({ option }) => (
        <span className={styles.option}>
          <bdi>{visible(names.get(option.value) ?? option.value)}</bdi> <bdi className={styles.id}>{option.value}</bdi>
        </span>
      )}
      value={text}
      onChange={onText}
      onOptionSubmit={onChange}
      onBlur={() => onChange(text.trim())}
      onKeyDown={(event) => {
        if (event.key === 'Enter') onChange(text.trim());
      }}
    />
  );
}

/** What is typed; what else changes the filter changes the field. */
function useTyped({ value }: Props) {
  const state = useState(value);
  const [, setText] = state;
  const before = useRef(value);
  useEffect(() => {
    if (before.current !== value) setText(value);
    before.current = value;
  }, [value, setText]);
  return state;
}
