import { useMemo } from 'react';
import { useSearchParams } from 'wouter';

import type { ChangeFilter, ChangeOutcome } from '../../graphql/types.generated.ts';

export const FIELDS = ['by', 'operation', 'cid', 'user', 'outcome', 'since', 'until'] as const;
export type Field = (typeof FIELDS)[number];

export const OUTCOMES = ['DONE', 'REFUSED', 'FAILED', 'UNKNOWN'] as const satisfies ChangeOutcome[];

const isOutcome = (text: string): text is ChangeOutcome => OUTCOMES.some((each) => each === text);

/** What is looked for, kept in the address. Days are those of the browser's time zone; `until` is the last one. */
export function useFilter() {
  const [params, setParams] = useSearchParams();
  const get = (field: Field) => params.get(field) ?? '';
  const text = FIELDS.map(get).join('\n');
  const filter = useMemo((): ChangeFilter => {
    const [by = '', operation = '', cid = '', userId = '', outcome = '', since = '', until = ''] = text.split('\n');
    const from = dayOf(since, 0);
    const to = dayOf(until, 1);
    return {
      ...(by !== '' && { by }),
      ...(operation !== '' && { operation }),
      ...(cid !== '' && { cid }),
      ...(userId !== '' && { userId }),
      ...(isOutcome(outcome) && { outcome }),
      ...(from !== undefined && { since: from }),
      ...(to !== undefined && { until: to }),
    };
  }, [text]);
  const change = (now: Partial<Record<Field | 'change', string>>) =>
    setParams(
      (before) => {
        const all = new URLSearchParams(before);
        for (const [name, value] of Object.entries(now)) {
          if (value === '') all.delete(name);
          else all.set(name, value);
        }
        return all;
      },
      { replace: true },
    );
  return { filter, get, change, shown: params.get('change'), active: FIELDS.filter((field) => get(field) !== '').length };
}

function dayOf(day: string, plus: number): string | undefined {
  const match = /^(\d{4})-(\d\d)-(\d\d)$/.exec(day);
  if (match === null) return undefined;
  return new Date(Number(match[1]), Number(match[2]) - 1, Number(match[3]) + plus).toISOString();
}
