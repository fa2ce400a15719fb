import { expect, test } from 'vitest';

import { attachmentsOf, EMPTY_DRAFT, isPicture, lengthOf, mentionedIn, obstacleOf, verdictOnAsset, verdictOnLink, type Draft } from './draft.ts';

const person = (id: string, name: string | null = null) => ({ id, name });
const draft = (change: Partial<Draft>): Draft => ({ ...EMPTY_DRAFT, ...change });
const attached = { assetUrl: 'https://a.b/c.png', title: 'c', titleLink: '' };

test.each([
  ['https://a.b/c.png', undefined],
  ['https://a.b/c.JPEG?d=e.txt#f', undefined],
  ['http://a.b/c%2Emp4', undefined],
  ['https://a.b/c.svg', 'wrongType'],
  ['https://a.b/c', 'wrongType'],
  ['https://a.b/?f=c.png', 'wrongType'],
  ['//a.b/c.png', 'notAnAddress'],
  ['javascript:alert(1)//c.png', 'notAnAddress'],
  ['https:///c.png', 'notAnAddress'],
  [`https://a.b/${'c'.repeat(2048)}.png`, 'notAnAddress'],
])('the address %s is %s', (address, verdict) => expect(verdictOnAsset(address)).toBe(verdict));

test('a link may be left out', () => expect([verdictOnLink(''), verdictOnLink('x')]).toEqual([undefined, 'notAnAddress']));

test('videos are no pictures', () => expect([isPicture('https://a.b/c.jpg'), isPicture('https://a.b/c.mov')]).toEqual([true, false]));

test('characters are counted as the server does', () => expect(lengthOf('a👍é')).toBe(3));

test('who is no longer named in the text is not mentioned, and nobody twice', () => {
  const picked = [person('ann', 'Ann'), person('bob'), person('ann', 'Ann')];
  expect(mentionedIn(draft({ text: 'hi @Ann', picked }))).toEqual([person('ann', 'Ann')]);
});

test('a title without a link is sent without one', () => {
  expect(attachmentsOf(draft({ attachments: [attached] }))).toEqual([{ assetUrl: attached.assetUrl, title: 'c' }]);
});

const crowd = Array.from({ length: 26 }, (_, n) => person(`user-${n}-`));
test.each<[string, Draft, unknown]>([
  ['5,000 characters', draft({ text: '👍'.repeat(5000) }), undefined],
  ['5,001 characters', draft({ text: 'a'.repeat(5001) }), 'tooLong'],
  ['30 attachments', draft({ attachments: Array(30).fill(attached) }), undefined],
  ['31 attachments', draft({ attachments: Array(31).fill(attached) }), 'tooManyAttachments'],
  ['25 mentions', draft({ text: crowd.slice(1).map(({ id }) => `@${id}`).join(' '), picked: crowd }), undefined],
  ['26 mentions', draft({ text: crowd.map(({ id }) => `@${id}`).join(' '), picked: crowd }), 'tooManyMentions'],
  ['a title of 256 characters', draft({ attachments: [{ ...attached, title: 'a'.repeat(256) }] }), 'badTitle'],
  ['a bad link', draft({ attachments: [{ ...attached, titleLink: 'ftp://a.b' }] }), 'badTitle'],
])('%s', (_what, given, obstacle) => expect(obstacleOf(given)).toBe(obstacle));
