import { CombinedGraphQLErrors } from '@apollo/client';

import { newKey } from '../../graphql/key.ts';

/** One request's worth: few enough that progress shows and that a failure costs little. */
export const BATCH = 100;

interface Batch {
  key: string;
  cids: readonly string[];
}

/** What is gone and what is left; with `error` where it came to a halt. */
export interface Progress {
  gone: number;
  left: number;
  error: unknown;
}

/**
 * Deletes channels by the hundred. After a failure `run` goes on where it stopped:
 * a batch whose fate is unknown is sent again under the same key, so that it
 * can't be done twice; of one that failed in part, what the server named as left.
 */
export class Deletion {
  #batches: Batch[] = [];
  #gone = 0;
  /** What it did, for undo. */
  readonly changes: string[] = [];
  #stopped = false;

  constructor(
    cids: readonly string[],
    private readonly send: (cids: readonly string[], key: string) => Promise<readonly string[]>,
    private readonly onGone: (cids: readonly string[]) => void,
  ) {
    for (let from = 0; from < cids.length; from += BATCH) {
      this.#batches.push({ key: newKey(), cids: cids.slice(from, from + BATCH) });
    }
  }

  get left(): readonly string[] {
    return this.#batches.flatMap(({ cids }) => cids);
  }

  /** Lets the request under way finish, and sends no other. */
  stop(): void {
    this.#stopped = true;
  }

  async run(onProgress: (progress: Progress) => void): Promise<Progress> {
    this.#stopped = false;
    let error: unknown;
    for (let batch = this.#batches[0]; batch !== undefined && error === undefined && !this.#stopped; batch = this.#batches[0]) {
      try {
        this.changes.push(...(await this.send(batch.cids, batch.key)));
        this.#batches.shift();
        this.#note(batch.cids);
      } catch (failure) {
        error = failure ?? new Error('no answer');
        const left = remainingOf(failure);
        if (left !== undefined) this.#keep(batch, left);
      }
      if (error === undefined) onProgress(this.#progress(undefined));
    }
    return this.#progress(error);
  }

  /** Other cids are another request, which needs a key of its own. */
  #keep(batch: Batch, left: ReadonlySet<string>): void {
    const cids = batch.cids.filter((cid) => left.has(cid));
    this.#note(batch.cids.filter((cid) => !left.has(cid)));
    this.#batches[0] = { key: newKey(), cids };
    if (cids.length === 0) this.#batches.shift();
  }

  #note(cids: readonly string[]): void {
    this.#gone += cids.length;
    this.onGone(cids);
  }

  #progress(error: unknown): Progress {
    return { gone: this.#gone, left: this.left.length, error };
  }
}

/** The cids that a deletion which failed in part left standing. */
function remainingOf(error: unknown): ReadonlySet<string> | undefined {
  if (!CombinedGraphQLErrors.is(error)) return undefined;
  const remaining = error.errors[0]?.extensions?.['remaining'];
  return Array.isArray(remaining) ? new Set(remaining.map(String)) : undefined;
}
