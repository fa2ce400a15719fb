import { CombinedGraphQLErrors } from '@apollo/client';
import { expect, test } from 'vitest';

import { BATCH, Deletion } from './deletion.ts';

const cids = Array.from({ length: 2 * BATCH + 5 }, (_, index) => `team:c${index}`);

interface Sent {
  cids: readonly string[];
  key: string;
}

/** Runs against a server that answers the nth request with what `answers` has for it. */
function begin(answers: Record<number, unknown> = {}) {
  const sent: Sent[] = [];
  const gone: string[] = [];
  const deletion = new Deletion(
    cids,
    async (cids, key) => {
      sent.push({ cids, key });
      const failure = answers[sent.length];
      if (failure !== undefined) throw failure;
      return [`change of ${cids[0]}`];
    },
    (cids) => gone.push(...cids),
  );
  return { deletion, sent, gone };
}

test('goes by the hundred, tells each, and gives each request a key of its own', async () => {
  const { deletion, sent, gone } = begin();
  const told: number[] = [];
  expect(await deletion.run(({ gone }) => told.push(gone))).toEqual({ gone: 205, left: 0, error: undefined });
  expect(told).toEqual([100, 200, 205]);
  expect(gone).toEqual(cids);
  expect(new Set(sent.map(({ key }) => key)).size).toBe(3);
  expect(deletion.changes).toEqual(['change of team:c0', 'change of team:c100', 'change of team:c200']);
});

test('sends a batch that got no answer again under the same key', async () => {
  const { deletion, sent } = begin({ 2: new TypeError('Failed to fetch') });
  expect(await deletion.run(() => undefined)).toMatchObject({ gone: 100, left: 105, error: expect.any(TypeError) });
  expect(await deletion.run(() => undefined)).toEqual({ gone: 205, left: 0, error: undefined });
  expect(sent[2]).toEqual(sent[1]);
});

test('of a batch that failed in part, sends again what was left, under another key', async () => {
  const remaining = ['team:c100', 'team:c199'];
  const partial = new CombinedGraphQLErrors({
    errors: [{ message: '2 of 100 channels may still be there.', extensions: { code: 'UNAVAILABLE', remaining } }],
  });
  const { deletion, sent, gone } = begin({ 2: partial });
  expect(await deletion.run(() => undefined)).toMatchObject({ gone: 198, left: 7 });
  expect(deletion.left.slice(0, 2)).toEqual(remaining);
  await deletion.run(() => undefined);
  expect(sent[2]?.cids).toEqual(remaining);
  expect(sent[2]?.key).not.toBe(sent[1]?.key);
  expect(gone.toSorted()).toEqual(cids.toSorted());
});

test('stops after the request under way', async () => {
  const { deletion, sent } = begin();
  expect(await deletion.run(() => deletion.stop())).toMatchObject({ gone: 100, left: 105 });
  expect(sent).toHaveLength(1);
});
