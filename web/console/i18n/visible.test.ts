import { describe, expect, test, vi } from 'vitest';

import { places, said } from './places.ts';
import { escaped, visible, within, withoutHidden } from './visible.ts';

describe('what is not seen is shown by its number', () => {
  test.each([
    ['\u202Egnp.exe', '[U+202E]gnp.exe', 'gnp.exe'],
    ['pay\u200Bpal', 'pay[U+200B]pal', 'paypal'],
    ['pay\u200Dpal', 'pay[U+200D]pal', 'paypal'],
    ['Anna\u200E', 'Anna[U+200E]', 'Anna'],
    ['\u2066\u2066\u2066x', '[U+2066 ×3]x', 'x'],
    ['x\u2069 y', 'x[U+2069] y', 'x y'],
    ['a\u0000b\nc', 'a[U+0000]b[U+000A]c', 'abc'],
    ['\u3164', '[U+3164]', ''],
    ['\u2800', '[U+2800]', ''],
    ['soft\u00ADhyphen', 'soft[U+00AD]hyphen', 'softhyphen'],
    ['\uFEFFBOM', '[U+FEFF]BOM', 'BOM'],
    ['tag\u{E0041}', 'tag[U+E0041]', 'tag'],
    ['half\uD800', 'half[U+D800]', 'half'],
    ['line\u2028end', 'line[U+2028]end', 'lineend'],
    [`Z${'\u0301'.repeat(250)}`, `Z${'\u0301'.repeat(6)}[U+0301 ×244]`, `Z${'\u0301'.repeat(6)}`],
    ['a\uFE0F', 'a[U+FE0F]', 'a'],
  ])('%j', (text, shown, without) => {
    expect(visible(text)).toBe(shown);
    expect(withoutHidden(text)).toBe(without);
  });
});

describe('names are left alone', () => {
  test.each([
    'Announcements', '<img src=x onerror=alert(1)>', 'Zoë O’Neill', 'Nguyễn Thị Ánh', 'محادثة (VIP)\u200F 1', 'می\u200Cخواهم', 'क्\u200Dष', 'שָׁלוֹם',
    '👩\u200D👩\u200D👧\u200D👦 family', '❤\uFE0F', '👍🏽', '🏴\u{E0067}\u{E0062}\u{E0065}\u{E006E}\u{E0067}\u{E007F}', '1\uFE0F\u20E3', '🦊'.repeat(255), '葛\u{E0100}', 'a b c',
    '23\u200F/11\u200F/2026', '٢٣\u200F/١١\u200F/٢٠٢٦',
  ])('%s', (name) => {
    expect(visible(name)).toBe(name);
    expect(withoutHidden(name)).toBe(name);
  });
});

test('a name within a sentence is set apart where it could turn it round', () => {
  expect(within('Anna', 'ltr')).toBe('Anna');
  expect(within('محمد (1)', 'ltr')).toBe('\u2068محمد (1)\u2069');
  expect(within('Anna', 'rtl')).toBe('\u2068Anna\u2069');
  expect(within('1,234', 'rtl')).toBe('1,234');
  expect(within('\u2069\u202Ex', 'ltr')).toBe('[U+2069][U+202E]x');
});

test.each([
  ['en', 'Anna and \u2068محمد\u2069'],
  ['ar', '\u2068Anna\u2069 و\u2068محمد\u2069'],
])('each name of a list has a direction of its own, in %s', (language, shown) => {
  vi.stubGlobal('navigator', { languages: [] });
  const { format } = places(() => (language === 'ar' ? 'rtl' : 'ltr'));
  expect(format(['Anna', 'محمد'], 'list', language, {})).toBe(shown);
});

test('a text of ours within another keeps the marks around what it quotes', () => {
  const { format } = places(() => 'rtl');
  const inner = `قبل ${format('Anna', '', 'ar', {})}`;
  expect(format(inner, '', 'ar', {})).toContain('[U+2068]');
  expect(`${format(said(inner), '', 'ar', {})}`).toBe(inner);
});

test('in a program it is an escape, which means the same', () => {
  const name = 'a\u202Eb\u{E0041}"\n';
  expect(escaped(JSON.stringify(name))).toBe('"a\\u202eb\\udb40\\udc41\\"\\n"');
  expect(JSON.parse(escaped(JSON.stringify(name)))).toBe(name);
});
