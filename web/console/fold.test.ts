import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { compareKeys, foldKey, foldText } from './fold.ts';

const alike = JSON.parse(readFileSync(new URL('../../internal/fold/testdata/alike.json', import.meta.url), 'utf8')) as { text: Record<string, string>; order: string[] };

test.each(Object.entries(alike.text))('%j is searched as the server searches it', (text, form) => {
  expect(foldText(text)).toBe(form);
  expect(foldText(form)).toBe(form);
});

test('names are sorted as the server sorts them', () => {
  expect(alike.order.toReversed().toSorted((a, b) => compareKeys(foldKey(a), foldKey(b)))).toEqual(alike.order);
});
