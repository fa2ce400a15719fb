import { describe, expect, test } from 'vitest';

import { plainOf, readMarkdown, type Block } from './markdown.ts';

const paragraph = (...lines: unknown[][]) => [{ kind: 'paragraph', lines }];

describe('reads', () => {
  test.each<[what: string, text: string, blocks: unknown]>([
    ['plain text', 'hello', paragraph(['hello'])],
    ['two lines', 'a\r\nb', paragraph(['a'], ['b'])],
    ['two paragraphs', 'a\n\n\nb', [...paragraph(['a']), ...paragraph(['b'])]],
    ['bold', 'a **b** c', paragraph(['a ', { kind: 'strong', children: ['b'] }, ' c'])],
    ['italics', '_a_ *b*', paragraph([{ kind: 'em', children: ['a'] }, ' ', { kind: 'em', children: ['b'] }])],
    ['struck out', '~~a~~', paragraph([{ kind: 'del', children: ['a'] }])],
    ['italics in bold', '**a _b_**', paragraph([{ kind: 'strong', children: ['a ', { kind: 'em', children: ['b'] }] }])],
    ['code, in which nothing is marked', '`**a**`', paragraph([{ kind: 'code', text: '**a**' }])],
    ['a block of code', '```go\na *b*\n```\nc', [{ kind: 'code', text: 'a *b*' }, ...paragraph(['c'])]],
    ['a block of code without an end', '```\na', [{ kind: 'code', text: 'a' }]],
    ['a list', '- a\n- b', [{ kind: 'list', start: undefined, items: [['a'], ['b']] }]],
    ['a list of numbers', '3. a\n4. b', [{ kind: 'list', start: 3, items: [['a'], ['b']] }]],
    ['a quote', '> a\n> b\nc', [{ kind: 'quote', lines: [['a'], ['b']] }, ...paragraph(['c'])]],
    ['a heading', '## a', [{ kind: 'heading', lines: [['a']] }]],
    ['a link', '[a](https://b.c/d_(e))', paragraph([{ kind: 'link', href: 'https://b.c/d_(e)', children: ['a'] }])],
    ['an address, without the full stop', 'see https://b.c/d.', paragraph(['see ', { kind: 'link', href: 'https://b.c/d', children: ['https://b.c/d'] }, '.'])],
    ['an address in brackets', '(http://b.c)', paragraph(['(', { kind: 'link', href: 'http://b.c', children: ['http://b.c'] }, ')'])],
  ])('%s', (_what, text, blocks) => expect(readMarkdown(text)).toEqual(blocks));

  test.each([
    'a * b * c', 'snake_case_name', '2 ** 3', '5 * 4', '**', '*a', '`', '``', '@nobody', '[a](b)', '[a](javascript:alert(1))',
    '<img src=x onerror=alert(1)>', '<script>alert(1)</script>', '![a](b)', '#a', '-a', 'xhttps://a.b',
  ])('%s as text', (text) => expect(readMarkdown(text)).toEqual(paragraph([text])));

  test.each([['\\*a\\*', '*a*'], ['\\\\', '\\'], ['\\a', '\\a']])('%s as an escape', (text, shown) =>
    expect(readMarkdown(text)).toEqual(paragraph([shown])),
  );
});

describe('mentions', () => {
  test.each<[what: string, text: string, labels: string[], line: unknown[]]>([
    ['a name with a blank', 'hi @Ann Lee!', ['Ann Lee'], ['hi ', { kind: 'mention', text: '@Ann Lee' }, '!']],
    ['the longest of two', '@Ann Lee', ['Ann', 'Ann Lee'], [{ kind: 'mention', text: '@Ann Lee' }]],
    ['not the start of a longer name', '@Annabel', ['Ann'], ['@Annabel']],
    ['a name that is HTML', '@<b>', ['<b>'], [{ kind: 'mention', text: '@<b>' }]],
    ['a name with marks', '@a_b_c', ['a_b_c'], [{ kind: 'mention', text: '@a_b_c' }]],
    ['a name from right to left', '@سارة', ['سارة'], [{ kind: 'mention', text: '@سارة' }]],
    ['within bold', '**@Ann**', ['Ann'], [{ kind: 'strong', children: [{ kind: 'mention', text: '@Ann' }] }]],
  ])('%s', (_what, text, labels, line) => expect(readMarkdown(text, labels)).toEqual(paragraph(line)));
});

test('without its marks', () => expect(plainOf('# We are **closed**\n- on [Monday](https://a.example)\n- @Ann `x`')).toBe('We are closed\non Monday\n@Ann x'));

const textOf = (blocks: Block[]) => JSON.stringify(blocks);

test.each([
  ['**', 2500], ['*a', 2500], ['[', 5000], ['[a](', 1250], ['`', 4999], ['> ', 2500], ['_a*b~~', 800], ['https://', 625], ['\n', 5000], ['@', 5000],
])('%s, over and over, is read at once', (piece, times) => {
  const start = performance.now();
  textOf(readMarkdown(piece.repeat(times), ['a', '@']));
  expect(performance.now() - start).toBeLessThan(200);
});
