// Hostile GraphQL documents and variables.
import { answers, ask, broken, create, long, refused, times } from './wire.mjs';

const over = (message) => broken('GRAPHQL_VALIDATION_FAILED', message);
const tooMany = (what) => over(`The document has more than ${what}.`);
const repeat = (n, make) => times(n, make).join(' ');

/** Fragments that each spread the next one twice: 2^n fields once expanded. */
const doubling = (n, last = '__typename') =>
  `{ ...F0 } ${repeat(n, (i) => `fragment F${i} on Query { ...F${i + 1} ...F${i + 1} }`)} fragment F${n} on Query { ${last} }`;

/** Fields nested in each other. */
const nested = (n) => `${long(n, '{ a ')}${long(n, '}')}`;

/** Documents that must be refused within 50 ms, whatever they would cost to run. */
const exhausting = [
  ['1,000 aliases', ask(`{ ${repeat(1000, (i) => `a${i}: allChannels { id }`)} }`), tooMany('50 aliases')],
  ['51 aliases', ask(`{ allChannels { ${repeat(51, (i) => `a${i}: id`)} } }`), tooMany('50 aliases')],
  ['100 mutations', ask(`mutation { ${repeat(100, (i) => `a${i}: createOrUpdateChannel(input: {name: "x"})`)} }`), tooMany('50 aliases')],
  ['25 root fields', ask(`mutation { ${repeat(25, (i) => `a${i}: createOrUpdateChannel(input: {name: "x"})`)} }`),
    tooMany('20 root fields in one operation')],
  ['26 fragments that double', ask(doubling(26)), tooMany('5000 fields once its fragments are expanded')],
  ['45 fragments that double', ask(doubling(45)), tooMany('5000 fields once its fragments are expanded')],
  ['60 fragments', ask(doubling(60)), tooMany('50 fragments')],
  ['500 times one field', ask(`{ ${long(501, '__typename ')} }`), tooMany('500 fields')],
  ['5,000 times one field', ask(`{ ${long(5000, '__typename ')} }`), tooMany('500 fields')],
  ['100,000 tokens', ask(`{ ${long(100_000, 'a ')} }`), tooMany('12000 tokens')],
  ['fields nested 16 deep', ask(nested(16)), over('The document nests its fields more than 15 deep.')],
  ['fields nested 10,000 deep', ask(nested(10_000)), over('The document nests too deep.')],
  ['a list nested 10,000 deep', ask(`{ channel(cid: ${long(10_000, '[')}${long(10_000, ']')}) { id } }`), over('The document nests too deep.')],
  ['an object nested 5,000 deep', ask(`{ channel(cid: ${long(5000, '{a:')}1${long(5000, '}')}) { id } }`), over('The document nests too deep.')],
  ['1,000 directives', ask(`{ __typename ${long(1000, '@skip(if: false) ')} }`), tooMany('50 directives')],
  ['1,000 variables', ask(`query (${repeat(1000, (i) => `$v${i}: String`)}) { __typename }`), tooMany('100 variables in one operation')],
  ['1,000 operations', ask(repeat(1000, (i) => `query Q${i} { __typename }`)), tooMany('50 operations')],
  ['introspection in a circle', ask(`{ __schema { types ${long(12, '{ fields { type ')}{ name }${long(12, '}}')} } }`),
    over('The document nests its fields more than 15 deep.')],
];

const syntax = (message, column) => broken('GRAPHQL_PARSE_FAILED', message, { locations: [{ line: 1, column }] });
const wrong = (message, column) => broken('GRAPHQL_VALIDATION_FAILED', message, { locations: [{ line: 1, column }] });

const malformed = [
  ['a document that is not GraphQL', ask('DROP TABLE channels'), syntax('Unexpected Name "DROP"', 1)],
  ['a document that ends early', ask('{ allChannels { id }'), syntax('Expected Name, found <EOF>', 21)],
  ['an empty selection', ask('{ }'), syntax('expected at least one definition, found }', 3)],
  ['white space only', ask(' \n\t'), over('The document has no operation.')],
  ['a fragment only', ask('fragment F on Query { __typename }'), over('The document has no operation.')],
  ['a type definition', ask('type Query { hacked: String }'), syntax('Unexpected Name "type"', 1)],
  ['a subscription', ask('subscription { messages { id } }'), wrong('Cannot query field "messages" on type "Subscription".', 16)],
  ['two operations and no name', ask('query A { __typename } query B { __typename }'),
    over('Say in operationName which of the document\'s operations to run.')],
  ['a fragment in a circle', ask('{ ...A } fragment A on Query { ...B } fragment B on Query { ...A }'),
    wrong('Cannot spread fragment "A" within itself via "B".', 64)],
  ['@defer, which cannot be kept', ask('{ ... @defer { __typename } }'), wrong('Unknown directive "@defer".', 8)],
];

const PAGE = 'Ask for 1 to 10000 at once.';
const CURSOR = 'Give a cursor as pageInfo or an edge of the same query returned it.';
const channels = (args) => ({ ...ask(`{ channels(${args}) { nodes { id } } }`), field: 'channels', line: 1, column: 3 });
const messages = (args) => ({ ...ask(`{ messages(cid: "livestream:row", ${args}) { nodes { id } } }`), field: 'messages', line: 1, column: 3 });
const invalid = (field, message) => (request) => {
  const answer = refused('INVALID_ARGUMENTS', message, field)(request);
  return { ...answer, body: { ...answer.body, data: null } }; // a connection is never null
};
const notAnInt = (request) => {
  const locations = [{ line: 1, column: request.body.query.indexOf('first: ') + 8 }];
  return broken('INVALID_ARGUMENTS', 'first must be a whole number of 32 bits.', { field: 'first', locations })();
};
const cursor = (text) => Buffer.from(text).toString('base64url');

const pages = [
  ...[0, -1, 10001, 2147483647, -2147483648].map((n) => [`first: ${n}`, channels(`first: ${n}`), invalid('first', PAGE)]),
  ...['2147483648', '1.0', '1e2', 'true', '99999999999999999999'].map((n) => [`first: ${n}`, channels(`first: ${n}`), notAnInt]),
  ...['', 'x', '!!!!', cursor('c'), cursor('c\x1f'), cursor('m\x1f1'), cursor('u\x1fa\x1fb'), cursor('c\x1fa\x1fb\x1fc'), cursor('c\x1fa\x00\x1fb'), long(8000, 'Y')].map(
    (text) => [`the channel cursor ${JSON.stringify(text)}`, channels(`after: ${JSON.stringify(text)}`), invalid('after', CURSOR)]),
  ...[cursor('m\x1f0'), cursor('m\x1f-1'), cursor('m\x1f01'), cursor('m\x1f1e3'), cursor('m\x1f9223372036854775808'), cursor('c\x1fa\x1fb')].map(
    (text) => [`the message cursor ${JSON.stringify(text)}`, messages(`before: ${JSON.stringify(text)}`), invalid('before', CURSOR)]),
  ['first with last', messages('first: 1, last: 1'), invalid('first', 'Give first and after, or last and before, not both.')],
  ['a search that SQL would take for a pattern', channels('search: "%"'), answers({ channels: { nodes: [] } })],
  ['a search that SQL would take for a pattern', channels('search: "r_w"'), answers({ channels: { nodes: [] } })],
  ['a search that breaks out of a string', channels(`search: "' OR 1=1 --"`), answers({ channels: { nodes: [] } })],
];

const VARIABLE = { locations: [create({}).variable] };

const variables = [
  ['a variable that the document does not declare', ask('{ __typename }', { input: { name: 'x' } }), answers({ __typename: 'Query' })],
  ['a variable left out', ask(create({}).body.query, {}), broken('INVALID_ARGUMENTS',
    'Variable $input: input is required and must be an object with the fields of CreateOrUpdateStreamChatChanelInput.', { ...VARIABLE, field: 'input' })],
  ['null for the variables', ask(create({}).body.query, null), broken('INVALID_ARGUMENTS',
    'Variable $input: input is required and must be an object with the fields of CreateOrUpdateStreamChatChanelInput.', { ...VARIABLE, field: 'input' })],
];

export default { exhausting, malformed, pages, variables };
