import { useQuery } from '@apollo/client/react';
import { MultiSelect } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import { visible } from '../i18n/visible.ts';
import { nameOf } from '../people.ts';
import { ChannelPeopleDocument, type PersonFragment } from '../screens/channel/channel.generated.ts';

interface Props {
  label: string;
  value: string[];
  onChange(ids: string[]): void;
  /** Who can't be chosen. */
  without?: ReadonlySet<string>;
  className?: string | undefined;
  autoFocus?: boolean;
}

/** Chat users, found by name or id as one types. */
export function PeopleField({ label, value, onChange, without, className, autoFocus = false }: Props) {
  const { t } = useTranslation('channel');
  const [names, setNames] = useState<ReadonlyMap<string, string>>(new Map());
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 150);
  const { data, previousData } = useQuery(ChannelPeopleDocument, { variables: { search } });
  const people = ((data ?? previousData)?.chatUsers?.nodes ?? []) as PersonFragment[];
  const options = new Map(value.map((id) => [id, names.get(id) ?? id]));
  for (const person of people) if (without?.has(person.id) !== true) options.set(person.id, nameOf(person));
  return (
    <MultiSelect
      className={className ?? ''}
      label={label}
      placeholder={value.length === 0 ? t('searchPeople') : ''}
      searchable
      hidePickedOptions
      {...(autoFocus && { 'data-autofocus': true })}
      data={[...options].map(([value, label]) => ({ value, label: label === value ? value : `\u2068${visible(label)}\u2069 (${value})` }))}
      value={value}
      onChange={(ids) => {
        onChange(ids);
        setNames(options);
        setText('');
      }}
      searchValue={text}
      onSearchChange={setText}
      nothingFoundMessage={t('nobodyFound')}
      filter={({ options }) => options}
      comboboxProps={{ withinPortal: false }}
    />
  );
}
