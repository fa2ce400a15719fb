import { useCallback, useMemo } from 'react';
import { useSearchParams } from 'wouter';

import { useParam, useSearch } from '../../shell/useSearch.ts';
import { COLUMNS, type Column, type Order } from './rows.ts';

/** The list follows each letter; only the address waits. */
const PAUSE = 300;

/** What is shown, kept in the address so that a link or a reload shows the same. */
export function useView() {
  const [params] = useSearchParams();
  const set = useParam();
  const { text: search, setText: setSearch } = useSearch(PAUSE);

  const sort = params.get('sort') ?? 'name';
  const order = useMemo<Order>(() => {
    const column = COLUMNS.find((each) => each === sort.replace(/^-/, ''));
    return { column: column ?? 'name', descending: column !== undefined && sort.startsWith('-') };
  }, [sort]);
  /** The same column again turns the order round; numbers begin with the highest. */
  const setOrder = useCallback(
    (column: Column) => {
      const down = column === order.column ? !order.descending : column !== 'name' && column !== 'type';
      set('sort', column === 'name' && !down ? '' : `${down ? '-' : ''}${column}`);
    },
    [order, set],
  );

  return {
    search,
    setSearch,
    type: params.get('type') ?? '',
    setType: useCallback((type: string) => set('type', type), [set]),
    order,
    setOrder,
    /** The cid of the channel in the drawer, or `new`. */
    edit: params.get('edit') ?? undefined,
    setEdit: useCallback((cid: string | undefined) => set('edit', cid ?? ''), [set]),
    clear: useCallback(() => {
      setSearch('');
      set('type', '');
    }, [set]),
  };
}
