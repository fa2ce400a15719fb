// The GraphQL-over-HTTP specification, by the audits of graphql-http.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { auditServer } from 'graphql-http';

import { startServer } from './server.mjs';

let server;
before(async () => {
  server = await startServer();
});
after(() => server?.stop());

test('all 61 audits of GraphQL over HTTP are ok', async () => {
  const fetchFn = (url, init = {}) =>
    fetch(url, { ...init, headers: { ...init.headers, authorization: `Bearer ${server.token}` } });
  const audits = await auditServer({ url: server.url, fetchFn });

  const failed = audits.filter(({ status }) => status !== 'ok');
  assert.deepEqual(failed.map(({ id, name, reason }) => `${id} ${name}: ${reason}`), []);

  const count = (word) => audits.filter(({ name }) => name.startsWith(word)).length;
  assert.deepEqual({ must: count('MUST'), should: count('SHOULD'), may: count('MAY') }, { must: 13, should: 23, may: 25 });
});
