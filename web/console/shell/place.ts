import { useEffect } from 'react';
import { useLocation, useSearch } from 'wouter';

import { onOtherUser } from '../auth/session.ts';

/** What stood in the address of each page when it was last shown. */
const kept = new Map<string, string>();
onOtherUser(() => kept.clear());

/** The page as it was when one left it: with its search and order. */
export function placeOf(path: string): string {
  const search = kept.get(path) ?? '';
  return search === '' ? path : `${path}?${search}`;
}

/** Keeps what the address says of these pages. */
export function useKeptPlaces(paths: readonly string[]): void {
  const [location] = useLocation();
  const search = useSearch();
  useEffect(() => {
    if (!paths.includes(location)) return;
    const params = new URLSearchParams(search);
    params.delete('edit'); // A form is no place to come back to.
    kept.set(location, params.toString());
  }, [paths, location, search]);
}
