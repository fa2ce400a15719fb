import { readFileSync } from 'node:fs';

import { expect, test } from 'vitest';

import { media as arabic } from './ar.ts';
import { media as english } from './en.ts';
import { reasonIn } from './refusal.ts';

/** The table of reasons in docs/api.md, which a test of the server's holds to what it says. */
const reasons = [...(/\| reason \|[\s\S]*?\n\n/.exec(readFileSync(new URL('../../../docs/api.md', import.meta.url), 'utf8'))?.[0] ?? '').matchAll(/^\| `(\w+)`/gm)].map(([, word]) => word ?? '');

test('each reason for which the server refuses a file has words in both languages', () => {
  expect(reasons.length).toBeGreaterThan(5);
  for (const texts of [english, arabic]) expect(Object.keys(texts).sort()).toEqual([...reasons].sort());
  for (const word of reasons) expect(reasonIn({ reason: word })).toBe(word);
});

test('Arabic words are Arabic', () => {
  for (const [reason, text] of Object.entries(arabic)) expect(text, reason).toMatch(/^[\u0600-\u06ff]/);
});

test.each([undefined, {}, { reason: 'SOMETHING_NEW' }, { reason: 'toString' }, { reason: 7 }])('%j gives no reason', (extensions) => {
  expect(reasonIn(extensions)).toBeUndefined();
});
