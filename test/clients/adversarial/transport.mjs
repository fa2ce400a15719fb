// Hostile HTTP. Requests are written by hand here.
import { answers, create, long, post, refused, turnedAway, yes } from './wire.mjs';

const MIB = 1 << 20;
const query = '{"query":"{ __typename }"}';
const fine = answers({ __typename: 'Query' });
const padded = (bytes) => post(query + long(bytes - query.length, ' '));
const typed = (contentType, body = query) => post(body, { 'Content-Type': contentType });
const not = (message, field) => turnedAway(400, message, { field });
const unreadable = (message) => turnedAway(400, message, { code: 'GRAPHQL_PARSE_FAILED' });
const get = (search, headers) => ({ method: 'GET', search, headers: { 'Content-Type': null, ...headers } });

const bodies = [
  ['a body of 1 MiB', padded(MIB), fine],
  ['a body of 1 MiB and a byte', padded(MIB + 1), turnedAway(413, 'The request body must be at most 1048576 bytes long.')],
  ['an empty body', post(''), unreadable('The request body is not valid JSON.')],
  ['half a body', post(query.slice(0, -1)), unreadable('The request body is not valid JSON.')],
  ['something behind the body', post(`${query} x`), unreadable('The request body is not valid JSON.')],
  ['two bodies', post(query + query), unreadable('The request body is not valid JSON.')],
  ['a body that is not UTF-8', post(Buffer.from(query.replace('{ _', '{ #\xff\n_'), 'latin1')), unreadable('The request body is not valid UTF-8.')],
  ['a batch', post(`[${query},${query}]`), not('The request body must be one JSON object; batches are not supported.')],
  ['an empty batch', post('[]'), not('The request body must be one JSON object; batches are not supported.')],
  ['a string', post('"{ __typename }"'), not('The request body must be one JSON object; batches are not supported.')],
  ['null', post('null'), not('The request body must be one JSON object; batches are not supported.')],
  ['no query', post('{}'), not('Give the GraphQL document in query.', 'query')],
  ['an empty query', post('{"query":""}'), not('Give the GraphQL document in query.', 'query')],
  ['a query in capitals', post('{"QUERY":"{ __typename }"}'), not('Give the GraphQL document in query.', 'query')],
  ['a query that is a list', post('{"query":["{ __typename }"]}'), not('query must be a string.', 'query')],
  ['variables that are a list', post('{"query":"{ __typename }","variables":[]}'), not('variables must be a JSON object.', 'variables')],
  ['variables that are text', post('{"query":"{ __typename }","variables":"{}"}'), not('variables must be a JSON object.', 'variables')],
  ['an operationName that is a number', post('{"query":"{ __typename }","operationName":1}'), not('operationName must be a string.', 'operationName')],
  ['extensions that are a list', post('{"query":"{ __typename }","extensions":[]}'), not('extensions must be a JSON object.', 'extensions')],
  ['variables nested 100,000 deep', post(`{"query":"{ __typename }","variables":{"a":${long(100_000, '[')}${long(100_000, ']')}}}`),
    unreadable('The request body is not valid JSON.')],
];

const JSON_ONLY = turnedAway(415, 'Send the request as application/json in UTF-8, uncompressed.', { field: 'Content-Type' });

const contentTypes = [
  ['application/json with a charset', typed('application/json; charset=UTF-8'), fine],
  ['application/json in capitals', typed('Application/JSON'), fine],
  ...[
    'text/plain', 'text/plain;charset=UTF-8', 'application/x-www-form-urlencoded', 'multipart/form-data; boundary=x', 'application/graphql',
    'application/jsonp', 'application/json2', 'text/json', 'application/json; charset=iso-8859-1', 'application/json, text/plain', '*/*',
  ].map((type) => [`the content type ${type}`, typed(type), JSON_ONLY]),
  ['no content type', { ...post(Buffer.from(query)), headers: { 'Content-Type': null } }, JSON_ONLY],
  ['a form', typed('application/x-www-form-urlencoded', 'query=%7B__typename%7D'), JSON_ONLY],
  ['a compressed body', post(query, { 'Content-Encoding': 'gzip' }),
    turnedAway(415, 'Send the request as application/json in UTF-8, uncompressed.', { field: 'Content-Encoding' })],
];

const MUTATION = `?query=${encodeURIComponent('mutation { createOrUpdateChannel(input: {name: "By GET"}) }')}`;
const METHOD = turnedAway(405, 'Send a GET or a POST request.', { headers: { allow: 'GET, POST' } });

const methods = [
  ['a query by GET', get('?query=%7B__typename%7D'), fine],
  ['a mutation by GET', get(MUTATION), turnedAway(405, 'Send mutations by POST.', { headers: { allow: 'POST' } })],
  ['a GET without a query', get(''), not('Give the GraphQL document in query.', 'query')],
  ['a GET with two queries', get('?query=%7B__typename%7D&query=%7B__typename%7D'), not('Give query once.', 'query')],
  ['a GET with a broken escape', get('?query=%zz'), unreadable("The URL's query is malformed.")],
  ['a GET with variables that are no JSON', get('?query=%7B__typename%7D&variables=x'), not('variables must be a JSON object.', 'variables')],
  ...['PUT', 'PATCH', 'DELETE', 'OPTIONS'].map((method) => [`the method ${method}`, { method, headers: {} }, METHOD]),
  ...['text/html', 'image/png', 'application/xml, text/*', 'application/json;q=0'].map((accept) => [
    `an answer as ${accept}`, post(query, { Accept: accept }),
    turnedAway(406, 'Accept application/graphql-response+json or application/json.', { field: 'Accept' })]),
];

const pageOf = (origin) => turnedAway(403,
  `Web pages of ${origin} may not call this endpoint. Name the origin in the server's --allowed-origins ` +
  "(BACKCHANNEL_ALLOWED_ORIGINS), or in --public-url if it is the server's own.", { code: 'UNAUTHORIZED', field: 'Origin' });
const foreign = pageOf('https://evil.example');
const unnamed = pageOf('an unnamed origin');
const smuggled = (headers) => create({ name: 'Cross-site' }, headers);

const crossSite = [
  ['another site, by the browser’s word', smuggled({ 'Sec-Fetch-Site': 'cross-site' }), unnamed],
  ['another host of the site', smuggled({ 'Sec-Fetch-Site': 'same-site' }), unnamed],
  ['an origin elsewhere', smuggled({ Origin: 'https://evil.example' }), foreign],
  ['an origin elsewhere, and the browser’s word', smuggled({ Origin: 'https://evil.example', 'Sec-Fetch-Site': 'cross-site' }), foreign],
  ['an origin that is hidden', smuggled({ Origin: 'null' }), unnamed],
  ['a query by GET from another site', get('?query=%7B__typename%7D', { 'Sec-Fetch-Site': 'cross-site' }), unnamed],
  ['a question before a request', { method: 'OPTIONS', headers: { Origin: 'https://evil.example', 'Access-Control-Request-Method': 'POST' } }, foreign],
  ['our own page', create({ id: 'row', name: 'Own page' }, { 'Sec-Fetch-Site': 'same-origin' }), yes],
];

const KEY = 'An Idempotency-Key is 1 to 255 visible ASCII characters.';
const keyed = (key) => create({ id: 'row', name: 'Keyed' }, { 'Idempotency-Key': key });
const badKey = refused('INVALID_ARGUMENTS', KEY, 'Idempotency-Key');

const idempotencyKeys = [
  ['a key of 1 character', keyed('!'), yes],
  ['a key of 255 characters', keyed(long(255, 'k')), yes],
  ['a key of 256 characters', keyed(long(256, 'k')), badKey],
  ['a key with a blank', keyed('a b'), badKey],
  ['a key that is not ASCII', keyed('schlüssel'), badKey],
  ['two keys', keyed('a, b'), badKey],
];

export default { bodies, contentTypes, methods, crossSite, idempotencyKeys };
