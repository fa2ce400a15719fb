import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { encoding, userFile } from './en.ts';

const text = (file: string) => readFileSync(new URL(`../../../../${file}`, import.meta.url), 'utf8');

test('there are words for each reason that docs/api.md lists', () => {
  const table = /\| fault \|[\s\S]*?\n\n/.exec(text('docs/api.md'))?.[0] ?? '';
  const reasons = [...table.matchAll(/^\| `(\w+)`/gm)].map(([, word]) => word);
  expect(Object.keys(userFile).sort()).toEqual(reasons.sort());
});

test('there are words for each encoding that the server reads', () => {
  const names = [...text('internal/userfile/encoding.go').matchAll(/^\t\{"([\w-]+)",|Name\s+= "(utf[\w-]+)"/gm)].map(([, page, utf]) => page ?? utf);
  expect(Object.keys(encoding).sort()).toEqual(names.sort());
});
