// Hostile input to createOrUpdateChannel and deleteChannels. The channel
// livestream:row is there.
import {
  ask, broken, create, invalid, literal, long, remove, times, unfit, unfitText, unsupported, yes, yesAndThen,
} from './wire.mjs';

const TYPES = 'must be one of Livestream, Messaging, Team, Gaming, Commerce, spelled like this.';
const EMPTY = 'The name must not be empty.';
const LONG = 'The name must be at most 255 characters long.';
const ORDER = 'The name must not contain line separators, direction overrides or noncharacters.';
const UNSEEN = 'The name must have a character that can be seen.';
const CONTROL = 'The name must not contain control characters.';

const name = (text) => create({ id: 'row', name: text });
const isNamed = (text) => yesAndThen('{ channel(cid: "livestream:row") { name } }', { channel: { name: text } });

const names = [
  ['a name of 0 characters', name(''), invalid('input.name', EMPTY)],
  ['a name of white space only', name(' \t\n\u00a0\u3000'), invalid('input.name', EMPTY)],
  ['a name of 1 character', name('x'), isNamed('x')],
  ['a name of 255 characters', name(long(255, 'n')), isNamed(long(255, 'n'))],
  ['a name of 256 characters', name(long(256, 'n')), invalid('input.name', LONG)],
  ['a name of 255 characters between white space', name(`  ${long(255, 'n')}\n`), isNamed(long(255, 'n'))],
  ['a name of 255 emoji, 510 UTF-16 units, 1,020 bytes', name(long(255, '😀')), isNamed(long(255, '😀'))],
  ['a name of 256 emoji', name(long(256, '😀')), invalid('input.name', LONG)],
  ['an emoji of seven code points', name('👨‍👩‍👧‍👦'), isNamed('👨‍👩‍👧‍👦')],
  ['a name from right to left', name('إعلانات הודעות'), isNamed('إعلانات הודעות')],
  ['a name with marks of direction', name('\u202babc\u200f'), isNamed('\u202babc\u200f')],
  ...[
    ['an override to the right', 'a\u202eb', ORDER], ['an override to the left', 'a\u202db', ORDER], ['a line separator', 'a\u2028b', ORDER],
    ['a noncharacter', 'a\uffff', ORDER], ['nothing but joiners', '\u200b\u200d', UNSEEN], ['a Hangul filler', '\u3164', UNSEEN],
    ['a mark without its letter', '\u0301', UNSEEN],
  ].map(([what, text, why]) => [`a name with ${what}`, name(text), invalid('input.name', why)]),
  ['a name with NUL', name('a\u0000b'), invalid('input.name', CONTROL)],
  ['a name with a line feed', name('a\nb'), invalid('input.name', CONTROL)],
  ['a name with a tab', name('a\tb'), invalid('input.name', CONTROL)],
  ['a name with an escape sequence', name('\u001b[31mred'), invalid('input.name', CONTROL)],
  ['a name with DEL', name('a\u007fb'), invalid('input.name', CONTROL)],
  ['a name with a C1 control character', name('a\u009bb'), invalid('input.name', CONTROL)],
  ['a name that is HTML', name('<img src=x onerror=alert(1)>'), isNamed('<img src=x onerror=alert(1)>')],
  ['a name that is SQL', name("'; DROP TABLE channels; --"), isNamed("'; DROP TABLE channels; --")],
  ['a name that is JSON', name('","id":"x'), isNamed('","id":"x')],
  ['a name of one emoji and no id', create({ name: '🎉 🎉' }), yes],
  ['a name of 255 letters and no id', create({ name: long(255, 'q') }),
    yesAndThen(`{ channel(cid: "livestream:${long(64, 'q')}") { name } }`, { channel: { name: long(255, 'q') } })],
  ['the same again: its number fits within 64', create({ name: long(255, 'q') }),
    yesAndThen(`{ channel(cid: "livestream:${long(62, 'q')}-2") { name } }`, { channel: { name: long(255, 'q') } })],
];

const BAD_ID = 'A channel id is 1 to 64 characters of A-Z a-z 0-9 _ - !.';
const id = (text) => create({ id: text, name: 'Row' });

const ids = [
  ['an id of 0 characters', id(''), invalid('input.id', BAD_ID)],
  ['an id of 64 characters', id(long(64, 'i')), yes],
  ['an id of 65 characters', id(long(65, 'i')), invalid('input.id', BAD_ID)],
  ['an id of all that is allowed', id('Az09_-!'), yes],
  ['an id that JavaScript knows', id('__proto__'), yes],
  ...['a b', ' a', 'a\n', 'a:b', 'a/b', '..', 'a.b', 'a%20b', 'ä', 'а' /* Cyrillic */, '😀', "a'", 'a\u0000'].map(
    (text) => [`the id ${JSON.stringify(text)}`, id(text), invalid('input.id', BAD_ID)],
  ),
];

const FORM = 'Give the bare file name, without / or \\ or .. or control characters.';
const SIZE = 'A file name is 1 to 255 bytes long.';
const avatar = (file) => create({ id: 'row', name: 'Row', avatarFilename: file });
const isAt = (path) =>
  yesAndThen('{ channel(cid: "livestream:row") { avatar } }', { channel: { avatar: path && `https://media.example/${path}` } });

const avatars = [
  ...[
    '../x.png', '..\\x.png', '../../etc/passwd.png', '%2e%2e%2fx.png', '%2E%2E%5Cx.png', '%252e%252e%252fx.png',
    '..%2fx.png', '..png', 'x..png', '/x.png', 'a/x.png', 'a%2fx.png', 'a\\x.png', 'C:\\x.png', 'x.png/', './x.png',
    'https://example.com/x.png', 'data:image/png;base64,AAAA', 'x.png\u0000', 'x\u0000.png', 'x.png%00', 'x\n.png', 'x\u009b.png',
  ].map((file) => [`the avatar ${JSON.stringify(file)}`, avatar(file), invalid('input.avatarFilename', FORM)]),
  ['the avatar ""', avatar(''), invalid('input.avatarFilename', SIZE)],
  ['an avatar of 255 bytes', avatar(`${long(251, 'a')}.png`), isAt(`${long(251, 'a')}.png`)],
  ['an avatar of 256 bytes', avatar(`${long(252, 'a')}.png`), invalid('input.avatarFilename', SIZE)],
  ...[
    'photo.jpg.exe', 'photo.exe', 'photo.gif', 'photo.svg', 'photo.mp4', 'photo.mov', 'photo', 'photo.', 'png', 'photo.png ',
    'photo.pngx', 'photo.png;.exe', 'photo\u202egnp.exe', 'photo.p\u200bng', 'photo%2Epng', 'photo.рng' /* Cyrillic */,
  ].map((file) => [`the avatar ${JSON.stringify(file)}`, avatar(file), unsupported('input.avatarFilename')]),
  ['an avatar in capitals', avatar('PHOTO.JPEG'), isAt('PHOTO.JPEG')],
  ['an avatar of two extensions, the last one a picture’s', avatar('photo.exe.png'), isAt('photo.exe.png')],
  ['an avatar that must be escaped', avatar('ein Bild?#ü.png'), isAt('ein%20Bild%3F%23%C3%BC.png')],
  ['an avatar with a bare %', avatar('100%.png'), isAt('100%25.png')],
  ['an avatar that looks escaped', avatar('a%20b.png'), isAt('a%2520b.png')],
  ['null for the avatar', avatar(null), isAt(null)],
];

const types = [
  ...['livestream', 'LIVESTREAM', 'Livestream ', '', 'Podcast', 0, true, ['Livestream'], {}].map((type) => [
    `the type ${JSON.stringify(type)}`, create({ name: 'x', type }), unfit('input.type', TYPES)]),
  ['the type livestream, in the text', literal('createOrUpdateChannel', '{name: "x", type: livestream}'),
    unfitText('input.type', TYPES, 'livestream')],
  ['the type as a string, in the text', literal('createOrUpdateChannel', '{name: "x", type: "Livestream"}'),
    unfitText('input.type', TYPES, '"Livestream"')],
  ['null for the type, in the text', literal('createOrUpdateChannel', '{id: "row", name: "x", type: null}'), isNamed('x')],
  ['null for the id: it creates', create({ id: null, name: 'Null id' }),
    yesAndThen('{ channel(cid: "livestream:null-id") { name } }', { channel: { name: 'Null id' } })],
  ['a type in the wrong case as a variable’s default',
    ask('mutation ($type: ChatStreamChannelType = team) { createOrUpdateChannel(input: {name: "x", type: $type}) }'),
    broken('INVALID_ARGUMENTS', `$type ${TYPES}`, { locations: [{ line: 1, column: 42 }] })],
  ['a field that JavaScript knows', ask(create({}).body.query, JSON.parse('{"input": {"name": "x", "__proto__": {}}}')),
    broken('INVALID_ARGUMENTS', 'Variable $input: input.__proto__ is not a field of CreateOrUpdateStreamChatChanelInput.',
      { field: 'input.__proto__', locations: [create({}).variable] })],
  ['a field in the wrong case', create({ name: 'x', Id: 'row' }),
    unfit('input.Id', 'is not a field of CreateOrUpdateStreamChatChanelInput. Did you mean id?')],
  ['a field given twice, in the text', literal('createOrUpdateChannel', '{name: "x", name: "y"}'),
    unfitText('input.name', 'is given twice.', 'name: "y"')],
];

const BAD_CID = 'A cid is type:id with the type livestream, messaging, team, gaming or commerce, e.g. livestream:announcements.';
const COUNT = 'Give 1 to 10000 cids.';
const cids = (n) => times(n, (i) => `livestream:no-such-${i}`);
const listed = (list) => `{cids: ${JSON.stringify(list)}}`;

const deletions = [
  ['0 cids', remove({ cids: [] }), invalid('input.cids', COUNT)],
  ['10,000 cids in a variable', remove({ cids: cids(10_000) }), yes],
  ['10,001 cids in a variable', remove({ cids: cids(10_001) }), invalid('input.cids', COUNT)],
  ['10,000 cids in the text', literal('deleteChannels', listed(cids(10_000))), yes],
  ['10,001 cids in the text', literal('deleteChannels', listed(cids(10_001))), invalid('input.cids', COUNT)],
  ['10,000 of the longest cids', remove({ cids: times(10_000, `livestream:${long(64, 'x')}`) }), yes],
  ['10,001 times one cid', remove({ cids: times(10_001, 'livestream:no-such') }), invalid('input.cids', COUNT)],
  ['one cid, twice', remove({ cids: ['livestream:no-such', 'livestream:no-such'] }), yes],
  ['one cid without its list', remove({ cids: 'livestream:no-such' }), yes],
  ...['', ':', 'livestream', 'livestream:', ':row', 'Livestream:row', 'LIVESTREAM:row', ' livestream:row', 'podcast:row', 'row:livestream'].map(
    (cid) => [`the cid ${JSON.stringify(cid)}`, remove({ cids: ['livestream:row', cid] }),
      invalid('input.cids[1]', cid === 'livestream:' ? BAD_ID : BAD_CID)]),
  ...['a:b', 'a b', 'row ', 'row\n', 'row\u0000', '*', '%', '%72ow', "row'--", 'röw', long(65, 'x')].map(
    (rest) => [`the cid ${JSON.stringify(`livestream:${rest}`)}`, remove({ cids: ['livestream:row', `livestream:${rest}`] }),
      invalid('input.cids[1]', BAD_ID)]),
  ['a malformed cid after 9,999 good ones', remove({ cids: ['livestream:row', ...cids(9_998), 'row'] }),
    invalid('input.cids[9999]', BAD_CID)],
  ['null among the cids', remove({ cids: ['livestream:row', null] }), unfit('input.cids[1]', 'must not be null but a string.')],
  ['a number among the cids, in the text', literal('deleteChannels', '{cids: ["livestream:row", 7]}'),
    unfitText('input.cids[1]', 'must be a string.', '7')],
  ['a list in the list of cids', remove({ cids: [['livestream:row']] }), unfit('input.cids[0]', 'must be a string.')],
];

export default { names, ids, avatars, types, deletions };
