import { expect, test } from 'vitest';

import { matching, patched, repeated, reused, rowOf, sorted, typesOf, type Column, type Row } from './rows.ts';

function row(id: string, name: string | null, more: Partial<Row> = {}): Row {
  const type = more.type ?? 'team';
  return rowOf({
    cid: `${type}:${id}`, id, type, name, avatar: null, frozen: false, version: 'v1', memberCount: 0, messageCount: 0, lastMessageAt: null, ...more,
  });
}

const rows = [
  row('cafe-1', 'Café Zürich', { memberCount: 3, messageCount: 9, lastMessageAt: '2026-01-02T00:00:00Z' }),
  row('arabic', 'إعلانات', { type: 'livestream' }),
  row('nameless', null, { type: 'gaming', memberCount: 3 }),
  row('b', 'book', { memberCount: 12, messageCount: 1, lastMessageAt: '2026-01-03T00:00:00Z' }),
];
const ids = (of: readonly Row[]) => of.map(({ id }) => id);

test.each([
  ['a part of the name in any case', 'AFÉ z', ['cafe-1']],
  ['a name with accents, typed without', 'zurich', ['cafe-1']],
  ['a name with marks apart, typed with blanks', ' CAFE\u0301 ', ['cafe-1']],
  ['a part of the id', 'fe-1', ['cafe-1']],
  ['a cid', 'team:b', ['b']],
  ['nothing for a type alone, which has a filter of its own', 'livestream', []],
  ['a channel without a name by its id', 'nameless', ['nameless']],
  ['another script', 'علان', ['arabic']],
  ['everything for blanks', '  ', ['cafe-1', 'arabic', 'nameless', 'b']],
])('finds %s', (_what, search, found) => {
  expect(ids(matching(rows, search, ''))).toEqual(found);
});

test('keeps to a type', () => {
  expect(ids(matching(rows, 'a', 'livestream'))).toEqual(['arabic']);
});

test.each([
  ['name', false, ['b', 'cafe-1', 'nameless', 'arabic']],
  ['name', true, ['arabic', 'nameless', 'cafe-1', 'b']],
  ['type', false, ['nameless', 'arabic', 'b', 'cafe-1']],
  ['members', true, ['b', 'cafe-1', 'nameless', 'arabic']],
  ['messages', false, ['nameless', 'arabic', 'b', 'cafe-1']],
  ['activity', true, ['b', 'cafe-1', 'nameless', 'arabic']],
] as [Column, boolean, string[]][])('sorts by %s, descending: %s, then by name', (column, descending, order) => {
  expect(ids(sorted(rows, { column, descending }))).toEqual(order);
});

test('sorts numbers in names by their value', () => {
  const numbered = ['Channel 10', 'Channel 2', 'channel 1'].map((name, n) => row(`n${n}`, name));
  expect(ids(sorted(numbered, { column: 'name', descending: false }))).toEqual(['n2', 'n1', 'n0']);
});

test('knows the names that more than one channel has', () => {
  const rows = ['Hall', 'Yard', 'Hall', 'Attic', 'Hall', 'Attic'].map((name, n) => row(`n${n}`, name));
  expect([...repeated(rows)]).toEqual(['Hall', 'Attic']);
});

test('counts the types there are', () => {
  expect([...typesOf(rows)]).toEqual([['gaming', 1], ['livestream', 1], ['team', 2]]);
});

test('replaces, adds and removes, and what is gone stays gone', () => {
  const changed = [row('b', 'Books'), row('new', 'New'), row('gone', 'Gone')];
  const now = patched(rows, changed, new Set(['team:cafe-1', 'team:gone']));
  expect(now.map(({ label }) => label)).toEqual(['إعلانات', 'nameless', 'Books', 'New']);
});

test('keeps the objects of what did not change', () => {
  const again = rows.map((each) => rowOf({ ...each, name: each.id === 'b' ? 'Books' : each.name }));
  const now = reused(rows, again);
  expect(now.map((each, index) => each === rows[index])).toEqual([true, true, true, false]);
});
