import type { ApolloClient } from '@apollo/client';

import { once } from '../graphql/key.ts';
import type { UndoConflict } from '../graphql/types.generated.ts';
import { changesIn } from './answer.ts';
import { UndoDocument } from './changes.generated.ts';

const AT_ONCE = 8;

/** A change to undo, or the part of a deletion that is about these cids. */
export interface Wanted {
  change: string;
  cids?: readonly string[];
}

export interface Outcome {
  /** The changes that this made. */
  made: string[];
  /** Jobs that go on with it. */
  jobs: string[];
  /** What is left, of which the first failed with the error. */
  left: Wanted[];
  error: unknown;
}

interface Options {
  key: string;
  reason?: string;
  onConflict?: UndoConflict;
  onProgress?(left: number): void;
}

/** Undoes changes that are independent of each other. It stops at a failure; called again with the same key, it goes on. */
export async function undoAll(client: ApolloClient, wanted: readonly Wanted[], { key, reason, onConflict, onProgress }: Options): Promise<Outcome> {
  const waiting = [...wanted];
  const failed: Wanted[] = [];
  const made: string[] = [];
  const jobs: string[] = [];
  let error: unknown;
  const work = async () => {
    for (let next = waiting.shift(); next !== undefined && error === undefined; next = waiting.shift()) {
      const { change, cids } = next;
      const input = { change, ...(cids !== undefined && { cids: [...cids] }), ...(onConflict !== undefined && { onConflict }), ...(reason !== undefined && reason !== '' && { reason }) };
      try {
        const answer = await client.mutate({ mutation: UndoDocument, variables: { input }, context: once(`${key}:${change}${onConflict ?? ''}`) });
        made.push(...changesIn(answer));
        for (const { kind, item } of answer.data?.undo?.change.targets ?? []) if (kind === 'job' && item !== null) jobs.push(item);
        onProgress?.(waiting.length);
      } catch (failure) {
        error ??= failure;
        failed.push(next);
      }
    }
  };
  await Promise.all(Array.from({ length: Math.min(AT_ONCE, wanted.length) }, work));
  return { made, jobs, left: [...failed, ...waiting], error };
}
