import { execFileSync } from 'node:child_process';

import { parse } from 'graphql';
import { expect, test } from 'vitest';

import { asCurl, asGo, asGraphQL, nameOf } from './snippet.ts';

const document = parse('query Find($search: String) { channels(search: $search) { nodes { cid __typename } } }');
const url = 'http://127.0.0.1:8080/graphql';

test('a document is named after its operation', () => {
  expect(nameOf(document)).toBe('Find');
});

test('GraphQL comes without what the client adds, and with its variables', () => {
  const text = asGraphQL({ document, variables: { search: 'a', type: undefined } });
  expect(text).not.toContain('__typename');
  expect(text).toMatch(/# Variables:\n# {\n# {3}"search": "a"\n# }$/);
  expect(asGraphQL({ document })).not.toContain('Variables');
});

// The shell has the last word: it must see the same JSON, whatever people type.
test.each(["it's", '$HOME `id` $(id)', 'a\\b', 'line\nbreak', '"quotes"'])('curl gets %j through a shell unharmed', (search) => {
  const line = asCurl({ document, variables: { search } }, url).replace(/^curl/, "printf '%s\\n'");
  const words = execFileSync('sh', ['-c', line], { encoding: 'utf8', env: { TOKEN: 't' } });
  const body = words.slice(words.indexOf('{"query"')).trim();
  expect(JSON.parse(body)).toMatchObject({ variables: { search } });
  expect(words).toContain('Authorization: Bearer t\n');
});

test.each(['tab\t', 'a`b', '\u2028', '\\'])('Go gets %j as a string of its own', (search) => {
  const program = asGo({ document, variables: { search } }, url);
  const literal = /body := ("[^\n]*")/.exec(program)?.[1] ?? '';
  expect(JSON.parse(JSON.parse(literal) as string)).toMatchObject({ variables: { search } });
});
