import { NativeSelect } from '@mantine/core';
import type { RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { SearchField } from '../../shell/SearchField.tsx';
import styles from './Channels.module.css';
import { COLUMNS, type Column } from './rows.ts';
import type { useView } from './useView.ts';

interface Props {
  view: ReturnType<typeof useView>;
  /** The types that there are, each with its number of channels; undefined until they are known. */
  types: ReadonlyMap<string, number> | undefined;
  grid: RefObject<HTMLDivElement | null>;
}

/** Above the list: search, type, and where there are no heads of columns the order. */
export function Tools({ view, types, grid }: Props) {
  const { t } = useTranslation('channels');
  const { number } = useFormats();
  const { search, type, order } = view;
  return (
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
      <NativeSelect className={styles.order ?? ''} aria-label={t('order')} value={order.column} onChange={(event) => view.setOrder(event.currentTarget.value as Column)}>
        {COLUMNS.map((column) => (
          <option key={column} value={column}>
            {t(`order_${column}`)}
          </option>
        ))}
      </NativeSelect>
    </div>
  );
}
