import { CombinedGraphQLErrors, type ApolloClient } from '@apollo/client';

import { newKey, once } from '../../graphql/key.ts';
import { ImportUsersDocument } from './import.generated.ts';
import type { UserInput } from './plan.ts';

export const AT_ONCE = 500; // upsertChatUsers takes 1,000; half of it shows progress sooner

/** A part of the import. Its key stays the same until the server has answered for it. */
interface Chunk {
  users: UserInput[];
  key: string;
}

/**
 * Sends users in chunks, each of which the server does as a whole or not at all.
 * It stops at a failure; `run` again goes on where it stopped, and repeats the
 * chunk that failed under its key, so nothing is done twice.
 */
export class Import {
  readonly #client: ApolloClient;
  readonly #chunks: Chunk[] = [];
  readonly total: number;
  done = new Set<string>();
  /** Users whom the server refused, with its words. */
  refused = new Map<string, string>();
  #running: Promise<void> | undefined;
  #progress: () => boolean = () => true;

  constructor(client: ApolloClient, users: readonly UserInput[]) {
    this.#client = client;
    this.total = users.length;
    for (let from = 0; from < users.length; from += AT_ONCE) this.#chunks.push({ users: users.slice(from, from + AT_ONCE), key: newKey() });
  }

  get finished(): boolean {
    return this.#chunks.length === 0;
  }

  get running(): boolean {
    return this.#running !== undefined;
  }

  /** Throws what stopped it. `progress` is called after each chunk; false stops there. Where it runs already, that is followed. */
  run(progress: () => boolean): Promise<void> {
    this.#progress = progress;
    this.#running ??= this.#run().finally(() => (this.#running = undefined));
    return this.#running;
  }

  async #run(): Promise<void> {
    for (let chunk = this.#chunks[0]; chunk !== undefined; chunk = this.#chunks[0]) {
      try {
        await this.#client.mutate({ mutation: ImportUsersDocument, variables: { input: { users: chunk.users } }, context: once(chunk.key) });
        for (const { id } of chunk.users) this.done.add(id);
        this.#chunks.shift();
      } catch (error) {
        if (!this.#withoutRefused(chunk, error)) throw error;
      }
      if (!this.#progress()) return;
    }
  }

  /** Takes a user whom the server names out of the chunk, of which it did nothing; says whether there was one. */
  #withoutRefused(chunk: Chunk, error: unknown): boolean {
    if (!CombinedGraphQLErrors.is(error)) return false;
    const [first] = error.errors;
    const place = /^input\.users\[(\d+)\]/.exec(String(first?.extensions?.['field'] ?? ''))?.[1];
    const user = place === undefined ? undefined : chunk.users[Number(place)];
    if (first === undefined || user === undefined) return false;
    this.refused.set(user.id, first.message);
    chunk.users = chunk.users.filter((one) => one !== user);
    chunk.key = newKey(); // It is another request now.
    if (chunk.users.length === 0) this.#chunks.shift();
    return true;
  }
}
