import { describe, expect, test } from 'vitest';

import { decode, parseUsers, type Entry } from './parse.ts';

const lines = async (text: string) => (await parseUsers(text)) as Entry[];

describe('a list of users', () => {
  test.each([
    ['with a header, in any order and case', 'Role,NAME,Id\nadmin,Anna,a1\n,Ben,b2\n'],
    ['without a header', 'a1,Anna,ADMIN\nb2,Ben'],
    ['with semicolons, Windows line ends and a byte order mark', '\uFEFFid;name;role\r\na1;Anna;Admin\r\nb2;Ben;\r\n'],
    ['with semicolons, and commas in quotes', 'id;name;role;"a, b, c, d"\na1;Anna;admin;\nb2;Ben;;\n'],
    ['with tabs, as spreadsheets paste', 'id\tname\trole\na1\tAnna\tadmin\nb2\tBen\t'],
    ['with other columns', 'id,email,name,role\na1,x@example.com,Anna,admin\nb2,,Ben,'],
    ['with spaces and quotes', 'id,name,role\n a1 ,"Anna", admin\n"b2", Ben ,\n'],
  ])('%s', async (_what, text) => {
    const [a, b] = await lines(text);
    expect(a).toMatchObject({ id: 'a1', name: 'Anna', role: 'ADMIN' });
    expect(b).toMatchObject({ id: 'b2', name: 'Ben' });
    expect(b).not.toHaveProperty('role');
    expect([a?.fault, b?.fault]).toEqual([undefined, undefined]);
  });

  test('keeps what hostile names say', async () => {
    const [a, b] = await lines('id,name\na,"<img src=x onerror=""alert(1)"">"\nb,"شركة, ""الأمل"""\n');
    expect(a?.name).toBe('<img src=x onerror="alert(1)">');
    expect(b?.name).toBe('شركة, "الأمل"');
  });

  test.each(['=HYPERLINK("https://example.com")', '+1', '@SUM(A1)', '-2+3'])('takes a name that a spreadsheet would reckon, %j, for a name', async (name) => {
    const [entry] = await lines(`id,name\na,"${name.replaceAll('"', '""')}"`);
    expect(entry).toMatchObject({ id: 'a', name });
    expect(entry).not.toHaveProperty('fault');
  });

  test('takes 100,000 lines, and says which of them are in error', async () => {
    const line = (n: number) => (n === 99_999 ? 'a b,Last' : `u${n},"User ""${n}"" of many"`);
    const entries = await lines(`id,name\r\n${Array.from({ length: 100_000 }, (_, n) => line(n)).join('\r\n')}`);
    expect(entries.length).toBe(100_000);
    expect(entries.filter(({ fault }) => fault !== undefined)).toMatchObject([{ line: 100_001, fault: { why: 'badId' } }]);
  });

  test.each([';', '\t', ','])('finds the separator %j of one line that ends in a new one', async (separator) => {
    const list = ['id', 'name, or "what"'].map((title) => `"${title.replaceAll('"', '""')}"`).join(separator);
    expect(await parseUsers(`${list}\r\n`)).toBe('noColumns');
    const [entry, ...others] = await lines(`rene${separator}"René, jr; the second"\r\n`);
    expect(entry).toMatchObject({ id: 'rene', name: 'René, jr; the second' });
    expect(others).toEqual([]);
  });

  test('counts lines as editors do, over empty lines and over cells with several', async () => {
    const entries = await lines('id,name\n\na,"Anna\nBerg"\n\nb,Ben\n  \nc,Cem');
    expect(entries.map(({ id, line, fault }) => [id, line, fault?.why])).toEqual([['a', 3, 'controlName'], ['b', 6, undefined], ['c', 8, undefined]]);
  });

  test.each([
    [',Anna,', { why: 'noId' }],
    ['a b,Anna,', { why: 'badId', value: 'a b' }],
    ['häns,Hans,', { why: 'badId', value: 'häns' }],
    [`${'x'.repeat(256)},Anna,`, { why: 'longId' }],
    ['a1,,', { why: 'noName' }],
    ['a1,"  ",', { why: 'noName' }],
    [`a1,${'😀'.repeat(256)},`, { why: 'longName' }],
    ['a1,An\u0007na,', { why: 'controlName' }],
    ['a1,Anna,owner', { why: 'badRole', value: 'OWNER' }],
    ['a1,Anna,user,extra', { why: 'tooManyColumns', value: 'extra' }],
    ['a1,"Anna,user', { why: 'quotes' }],
    ['ok,Anna,', { why: 'twice', line: 2 }],
  ])('names what is wrong with %s', async (line, fault) => {
    const entries = await lines(`id,name,role\nok,Fine,user\n${line}`);
    expect(entries[0]?.fault).toBeUndefined();
    expect(entries[1]).toMatchObject({ line: 3, fault });
  });

  test('takes names of 255 emoji and ids of 255 characters', async () => {
    const [entry] = await lines(`id,name\n${'x'.repeat(255)},${'😀'.repeat(255)}`);
    expect(entry?.fault).toBeUndefined();
  });

  test.each([
    ['nothing', '', 'empty'],
    ['a header alone', 'id,name,role\n', 'empty'],
    ['a header without names', 'id,email\na,b', 'noColumns'],
    ['one column', 'id\nanna\nben', 'noSeparator'],
    ['another separator', 'id|name\na|Anna', 'noSeparator'],
    ['a picture', decode(Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0, 0, 0x0d)), 'notText'],
    ['a workbook', decode(Uint8Array.of(0x50, 0x4b, 3, 4, 0x14, 0, 6, 0)), 'notText'],
    ['100,002 lines', 'a,b\n'.repeat(100_002), 'tooMany'],
  ])('says why %s can not be read', async (_what, text, why) => {
    expect(await parseUsers(text)).toBe(why);
  });
});

test.each([
  ['UTF-8', new TextEncoder().encode('é')],
  ['UTF-8 with a mark', Uint8Array.of(0xef, 0xbb, 0xbf, 0xc3, 0xa9)],
  ['UTF-16', Uint8Array.of(0xff, 0xfe, 0xe9, 0)],
  ['UTF-16 the other way round', Uint8Array.of(0xfe, 0xff, 0, 0xe9)],
  ['Windows-1252', Uint8Array.of(0xe9)],
])('a file in %s is read', (_encoding, bytes) => {
  expect(decode(bytes)).toBe('é');
});
