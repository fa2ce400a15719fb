import { compareKeys, foldKey, foldText } from '../../fold.ts';
import type { ListedChannelFragment } from './channels.generated.ts';

// What the list does with its rows, without the page: quick enough to be done
// anew for 10,000 of them with each letter that somebody types.

/** A channel with what finding and sorting it takes. */
export interface Row extends ListedChannelFragment {
  /** What is shown in bold: the name, or the id where there is none. */
  label: string;
  /** The label as it is searched. */
  form: string;
  /** The label as it is sorted. */
  key: string;
  /** When the last message was sent, in milliseconds; 0 for never. */
  activity: number;
}

/** What the list shows. */
export interface Matching {
  search: string;
  type: string;
}

export const COLUMNS = ['name', 'type', 'members', 'messages', 'activity'] as const;
export type Column = (typeof COLUMNS)[number];

/** The order of the list; by name where none is chosen. */
export interface Order {
  column: Column;
  descending: boolean;
}

export function rowOf(channel: ListedChannelFragment): Row {
  const label = channel.name ?? channel.id;
  const form = foldText(label);
  return {
    ...channel,
    label,
    form,
    key: foldKey(form),
    activity: channel.lastMessageAt === null ? 0 : Date.parse(channel.lastMessageAt),
  };
}

/** The labels that more than one of them has. */
export function repeated(rows: readonly Row[]): ReadonlySet<string> {
  const seen = new Set<string>();
  const again = new Set<string>();
  for (const { label } of rows) (seen.has(label) ? again : seen).add(label);
  return again;
}

/** Those whose name or id has the text in it; with a colon in the text, whose cid has. */
export function matching(rows: readonly Row[], search: string, type: string): readonly Row[] {
  const wanted = foldText(search.trim());
  if (wanted === '' && type === '') return rows;
  const byCid = wanted.includes(':');
  return rows.filter(
    (row) =>
      (type === '' || row.type === type) &&
      (wanted === '' || row.form.includes(wanted) || (byCid ? row.cid : row.id).toLowerCase().includes(wanted)),
  );
}

const text = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0);

const byName = (a: Row, b: Row): number => compareKeys(a.key, b.key);

const COMPARE: Record<Column, (a: Row, b: Row) => number> = {
  name: byName,
  type: (a, b) => text(a.type, b.type),
  members: (a, b) => a.memberCount - b.memberCount,
  messages: (a, b) => a.messageCount - b.messageCount,
  activity: (a, b) => a.activity - b.activity,
};

/** In the order that was chosen; what is alike in it, by name, then cid. */
export function sorted(rows: readonly Row[], { column, descending }: Order): readonly Row[] {
  const compare = COMPARE[column];
  const sign = descending ? -1 : 1;
  return rows.toSorted((a, b) => sign * compare(a, b) || byName(a, b) || text(a.cid, b.cid));
}

/** The types that there are, each with its number of channels. */
export function typesOf(rows: readonly Row[]): Map<string, number> {
  const types = new Map<string, number>();
  for (const { type } of rows) types.set(type, (types.get(type) ?? 0) + 1);
  return new Map([...types].sort(([a], [b]) => text(a, b)));
}

/** The rows with some replaced or added, and some gone. */
export function patched(rows: readonly Row[], changed: readonly Row[], gone: ReadonlySet<string>): readonly Row[] {
  const fresh = new Map(changed.map((row) => [row.cid, row]));
  const kept: Row[] = [];
  for (const row of rows) {
    if (!gone.has(row.cid)) kept.push(fresh.get(row.cid) ?? row);
    fresh.delete(row.cid);
  }
  for (const row of fresh.values()) if (!gone.has(row.cid)) kept.push(row);
  return kept;
}

/**
 * A new listing with the old objects where nothing changed, so that rows that are
 * shown aren't drawn again.
 */
export function reused(before: readonly Row[], now: readonly Row[]): readonly Row[] {
  const old = new Map(before.map((row) => [row.cid, row]));
  return now.map((row) => {
    const known = old.get(row.cid);
    return known !== undefined && same(known, row) ? known : row;
  });
}

function same(a: Row, b: Row): boolean {
  return (Object.keys(b) as (keyof Row)[]).every((key) => a[key] === b[key]);
}
