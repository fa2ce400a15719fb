// Hostile input to sendMessageToChannel and setRoleToUsersOnChat. The channel
// livestream:row is there, and the chat users u0 to u25.
import {
  invalid, literal, long, missing, send, setRole, times, unfit, unsupported, yes, yesAndThen,
} from './wire.mjs';

const text = (value) => send({ channelId: 'row', text: value });
const reads = (value) =>
  yesAndThen('{ messages(cid: "livestream:row", last: 1) { nodes { text } } }', { messages: { nodes: [{ text: value }] } });
const LONG = 'The text must be at most 5000 characters long.';

const texts = [
  ['a text of 0 characters', text(''), invalid('input.text', 'A message without attachments needs a text.')],
  ['a text of 5,000 characters', text(long(5000, 't')), reads(long(5000, 't'))],
  ['a text of 5,001 characters', text(long(5001, 't')), invalid('input.text', LONG)],
  ['a text of 5,000 emoji, 20,000 bytes', text(long(5000, '😀')), reads(long(5000, '😀'))],
  ['a text of 5,001 emoji', text(long(5001, '😀')), invalid('input.text', LONG)],
  ['a text of 5,001 characters, the last one a blank', text(`${long(5000, 't')} `), invalid('input.text', LONG)],
  ['a text with NUL', text('a\u0000b'), invalid('input.text', 'The text must not contain the NUL character.')],
  ['a text of several lines, as it is', text(' a\n\tb\r\n '), reads(' a\n\tb\r\n ')],
  ['a text that is HTML, as it is', text('<script>alert(1)</script>&amp;'), reads('<script>alert(1)</script>&amp;')],
  ['a text from right to left, as it is', text('\u202eשלום'), reads('\u202eשלום')],
  ['a text that breaks JavaScript in JSON', text('\u2028\u2029"\\'), reads('\u2028\u2029"\\')],
];

const NO_CHANNEL = 'There is no such channel.';
const BAD_ID = 'A channel id is 1 to 64 characters of A-Z a-z 0-9 _ - !.';

const channels = [
  ['a channel that is not there', send({ channelId: 'no-such', text: 'x' }), missing('input.channelId', NO_CHANNEL)],
  ['a channel in the wrong case', send({ channelId: 'Row', text: 'x' }), missing('input.channelId', NO_CHANNEL)],
  ['a channel of another type', send({ channelId: 'row', type: 'Team', text: 'x' }), missing('input.channelId', NO_CHANNEL)],
  ...['', 'livestream:row', ' row', '../row', 'row\u0000', long(65, 'x')].map((channelId) => [
    `the channel ${JSON.stringify(channelId)}`, send({ channelId, text: 'x' }), invalid('input.channelId', BAD_ID)]),
];

const asset = (assetUrl, more) => send({ channelId: 'row', text: 'x', attachments: [{ title: 'File', assetUrl, ...more }] });
const ASSET = 'input.attachments[0].assetUrl';
const LINK = 'input.attachments[0].titleLink';
const FORM = 'The URL must be absolute, with http or https and a host.';
const EDGES = 'The URL must not begin or end with a space.';
const unread = (why) => `The URL can't be read: ${why}.`;
const CONTROL = unread('net/url: invalid control character in URL');
const PORT = "The URL's port must be 1 to 65535.";
const escape = (at) => unread(`invalid URL escape "${at}"`);
const SIZE = 'The URL must be at most 2048 bytes long.';
const sized = (bytes) => `https://example.com/${long(bytes - 'https://example.com/.png'.length, 'a')}.png`;
const shows = (type, imageUrl) =>
  yesAndThen('{ messages(cid: "livestream:row", last: 1) { nodes { attachments { type imageUrl } } } }',
    { messages: { nodes: [{ attachments: [{ type, imageUrl }] }] } });

const urls = [
  ...[
    'https://example.com/EVENT.JPG?x=1#y', 'HTTPS://EXAMPLE.COM/A.PNG', 'http://example.com/a.jpeg', 'https://example.com/a%2Epng',
    'https://example.com/a.%70ng', 'https://example.com/a.exe.png', 'https://[::1]:8080/a.png', 'https://bücher.example/ü.png',
    'https://example.com/a.png?file=a.exe', 'https://example.com/a.png#a.exe', 'https://example.com/a.exe%3F.png',
  ].map((url) => [`the picture ${url}`, asset(url), shows('image', url)]),
  ...['https://example.com/a.MP4', 'https://example.com/a.avi', 'https://example.com/a.mov?a.png', 'https://example.com/a.flv'].map(
    (url) => [`the video ${url}`, asset(url), shows('video', null)]),
  ...[
    'https://example.com/photo.jpg.exe', 'https://example.com/photo', 'https://example.com/', 'https://example.com', 'https://example.png',
    'https://example.com/?file=a.png', 'https://example.com/#a.png', 'https://example.com/a.png/', 'https://example.com/a.gif',
    'https://example.com/a.svg', 'https://example.com/a.', 'https://example.com/png', 'https://example.com/a.png%20',
    'https://example.com/a.png%00.exe', 'https://example.com/a%3F.png.exe', 'https://example.com/a.png;v=1', 'https://example.com/a.pngx',
  ].map((url) => [`the file ${url}`, asset(url), unsupported(ASSET)]),
  ...[
    '', 'a.png', '/a.png', '//example.com/a.png', 'example.com/a.png', 'http:a.png', 'http:/a.png', 'https:///a.png', 'https://:443/a.png',
    'https://?a.png', 'data:image/png;base64,AAAA', 'data:image/png,a.png', 'javascript:alert(1)', 'javascript:alert(1)//a.png',
    'JAVASCRIPT://example.com/a.png', 'ftp://example.com/a.png', 'file:///a.png', 'blob:https://example.com/a.png', 'ws://example.com/a.png',
  ].map((url) => [`the address ${JSON.stringify(url)}`, asset(url), invalid(ASSET, FORM)]),
  ...[
    [' https://example.com/a.png', EDGES], ['https://example.com/a.png ', EDGES], ['\nhttps://example.com/a.png', EDGES],
    ['https ://example.com/a.png', unread('first path segment in URL cannot contain colon')],
    ['https://exa mple.com/a.png', unread('invalid character " " in host name')],
    ['https://example.com\\@evil.example/a.png', unread('net/url: invalid userinfo')],
    ['https://example.com/%zz.png', escape('%zz')], ['https://e.com/%E0%A4%A.png', escape('%A.')], ['https://e.com/100%.png', escape('%.p')],
    ['https://example.com/\u0000a.png', CONTROL], ['https://example.com/a\n.png', CONTROL], ['ht\ntps://example.com/a.png', CONTROL],
    ['https://example.com:0/a.png', PORT], ['https://example.com:65536/a.png', PORT], ['https://example.com:x/a.png', unread('invalid port ":x" after host')],
  ].map(([url, why]) => [`the address ${JSON.stringify(url)}`, asset(url), invalid(ASSET, why)]),
  ['an address of 2,048 bytes', asset(sized(2048)), shows('image', sized(2048))],
  ['an address of 2,049 bytes', asset(sized(2049)), invalid(ASSET, SIZE)],
  ['a link of no file', asset('https://example.com/a.png', { titleLink: 'http://example.com' }), yes],
  ['null for the link', asset('https://example.com/a.png', { titleLink: null }), yes],
  ...['', 'page', 'javascript:alert(1)', 'data:text/html,x', '//example.com', 'mailto:a@example.com'].map(
    (titleLink) => [`the link ${JSON.stringify(titleLink)}`, asset('https://example.com/a.png', { titleLink }), invalid(LINK, FORM)]),
  ['a link of 2,049 bytes', asset('https://example.com/a.png', { titleLink: sized(2049) }), invalid(LINK, SIZE)],
];

const TITLE = 'The title must be at most 255 characters long, without NUL.';
const titled = (title) => send({ channelId: 'row', text: '', attachments: [{ title, assetUrl: 'https://example.com/a.png' }] });
const file = { title: 'File', assetUrl: 'https://example.com/a.png' };
const attach = (attachments) => send({ channelId: 'row', text: 'x', attachments });

const attachments = [
  ['a title of 0 characters', titled(''), yes],
  ['a title of 255 emoji', titled(long(255, '😀')), yes],
  ['a title of 256 characters', titled(long(256, 't')), invalid('input.attachments[0].title', TITLE)],
  ['30 attachments', attach(times(30, file)), yes],
  ['31 attachments', attach(times(31, file)), invalid('input.attachments', 'A message carries at most 30 attachments.')],
  ['one attachment without its list', attach(file), yes],
  ['null for an attachment', attach([file, null]),
    unfit('input.attachments[1]', 'must not be null but an object with the fields of AttachmentInput.')],
  ['the last of 30 attachments is wrong', attach([...times(29, file), { ...file, assetUrl: 'https://example.com/a.exe' }]),
    unsupported('input.attachments[29].assetUrl')],
];

const mention = (mentionedUsersIds) => send({ channelId: 'row', text: 'x', mentionedUsersIds });
const users = (n) => times(n, (i) => `u${i}`);
const MENTIONED = 'input.mentionedUsersIds';

const mentions = [
  ['25 mentions', mention(users(25)), yes],
  ['26 mentions', mention(users(26)), invalid(MENTIONED, 'A message mentions at most 25 users.')],
  ['100 mentions of the same 25', mention([...users(25), ...users(25), ...users(25), ...users(25)]), yes],
  ['a mention of nobody among others', mention(['u1', 'nobody', 'u2']), invalid(MENTIONED, 'No such chat users: nobody.')],
  ['a mention in the wrong case', mention(['U1']), invalid(MENTIONED, 'No such chat users: U1.')],
  ['a mention of what can be no id', mention(['@all', 'u 1']), invalid(MENTIONED, 'No such chat users: @all, u 1.')],
  ['one mention without its list', mention('u1'), yes],
];

const NO_USER = 'There is no such chat user.';
const BAD_USER = "A user id is 1 to 255 characters of A-Z a-z 0-9 and _ - @ . + | : = ~ # ! ' * $ &.";
const ROLES = 'must be one of USER, ADMIN, MODERATOR, spelled like this.';

const roles = [
  ['a user that is not there', setRole({ userId: 'nobody', role: 'ADMIN' }), missing('input.userId', NO_USER)],
  ['a user in the wrong case', setRole({ userId: 'U1', role: 'ADMIN' }), missing('input.userId', NO_USER)],
  ['a user id of 255 characters', setRole({ userId: long(255, 'u'), role: 'ADMIN' }), missing('input.userId', NO_USER)],
  ...['', 'a b', 'a/b', 'ä', 'u1\u0000', long(256, 'u')].map((userId) => [
    `the user id ${JSON.stringify(userId)}`, setRole({ userId, role: 'ADMIN' }), invalid('input.userId', BAD_USER)]),
  ...['admin', 'Admin', 'ADMIN ', 'OWNER', '', 'BO', 1, null].map((role) => [
    `the role ${JSON.stringify(role)}`, setRole({ userId: 'u1', role }),
    unfit('input.role', role === null ? ROLES.replace('must be', 'must not be null but') : ROLES)]),
  ['the role ADMIN, twice', setRole({ userId: 'u1', role: 'ADMIN' }), yes],
  ['in the text', literal('setRoleToUsersOnChat', '{userId: "u1", role: ADMIN}'), yes],
];

export default { texts, channels, urls, attachments, mentions, roles };
