// What the tables of hostile requests are written in. A row is
//
//	[what, request, answer]
//
// with a request made here or by hand, and an answer that is a function of it:
// the exact status and body, and what else must hold afterwards.
import assert from 'node:assert/strict';

import { operation } from '../document.mjs';

export const FILE_TYPE =
  'File does not support. You must use .png or .jpg/jpeg or .mp4 or .avi or .mov or .flv';
export const STRANGER = 'You are not authorized to perform this operation.';

// ---- Requests

/** A GraphQL request by POST. A body that is no object goes out as it is. */
export const post = (body, headers = {}) => ({ method: 'POST', body, headers });

/** A document without variables. */
export const ask = (query, variables) => post({ query, variables });

const documented = (field, name) => (input, headers) => ({
  ...post({ query: operation(name), variables: { input } }, headers),
  field,
  line: 2, // where the document's text has the field
  column: 1,
  variable: { line: 1, column: `mutation ${name}(`.length + 1 },
});

export const create = documented('createOrUpdateChannel', 'CreateOrUpdateChannel');
export const remove = documented('deleteChannels', 'DeleteChannels');
export const send = documented('sendMessageToChannel', 'SendMessageToChannel');
export const setRole = documented('setRoleToUsersOnChat', 'SetRoleToUsersOnChat');

/** A mutation with its input, in GraphQL's own spelling, in the query text. */
export const literal = (field, input) => ({
  ...ask(`mutation { ${field}(input: ${input}) }`),
  field,
  line: 1,
  column: 'mutation { '.length + 1,
});

// ---- Answers

/** The mutation answers true. */
export const yes = ({ field }) => ({ status: 200, body: { data: { [field]: true } } });

/** An answer without the ids of the records that its changes left, which are looked at here. */
export function withoutRecords(body) {
  if (!body?.extensions?.changes) return body;
  const { extensions: { changes, ...others }, ...answer } = body;
  for (const { path, id, ...more } of changes) {
    assert.ok(path.length === 1 && path[0] in body.data, `a record at ${path}`);
    assert.match(id, /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
    assert.deepEqual(more, {});
  }
  return Object.keys(others).length > 0 ? { ...answer, extensions: others } : answer;
}

/** The mutation answers true, and then a query answers with this data. */
export const yesAndThen = (query, data) => (request) => ({ ...yes(request), then: { query, data } });

/** The field was reached and refused: it is null. */
export const refused = (code, message, field) => (request) => ({
  status: 200,
  body: {
    errors: [
      {
        message,
        locations: [{ line: request.line, column: request.column }],
        path: [request.field],
        extensions: field ? { code, field } : { code },
      },
    ],
    data: { [request.field]: null },
  },
});

export const invalid = (field, message) => refused('INVALID_ARGUMENTS', message, field);
export const unsupported = (field) => refused('FILE_TYPE_NOT_SUPPORTED', FILE_TYPE, field);
export const missing = (field, message) => refused('NOT_FOUND', message, field);
export const unauthorized = refused('UNAUTHORIZED', STRANGER);

/** The variables do not fit the schema: nothing was run. */
export const unfit = (field, problem) => (request) =>
  broken('INVALID_ARGUMENTS', `Variable $input: ${field} ${problem}`, { field, locations: [request.variable] })(request);

/** The query text does not fit the schema, at the first place that has this text. */
export const unfitText = (field, problem, at) => (request) => {
  const locations = [{ line: 1, column: request.body.query.indexOf(at) + 1 }];
  return broken('INVALID_ARGUMENTS', `${field} ${problem}`, { field, locations })(request);
};

/** The request was understood, but is not run. */
export const broken =
  (code, message, { field, locations = [] } = {}) =>
  () => ({
    status: 200, // application/json, as fetch accepts anything
    body: { errors: [{ message, locations, extensions: field ? { code, field } : { code } }] },
  });

/** It is no GraphQL request at all. */
export const turnedAway =
  (status, message, { field, code = 'INVALID_ARGUMENTS', headers } = {}) =>
  () => ({ ...broken(code, message, { field })(), status, headers });

/** It answers with this data. */
export const answers = (data) => () => ({ status: 200, body: { data } });

// ---- Texts

export const times = (n, make) => Array.from({ length: n }, (_, i) => (typeof make === 'function' ? make(i) : make));
export const long = (n, text) => text.repeat(n);
