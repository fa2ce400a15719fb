import type { ApolloClient } from '@apollo/client';

import { storage } from '../../storage.ts';
import { session } from '../../auth/session.ts';
import { typeInput } from '../../graphql/channelType.ts';
import { codeOf } from '../../graphql/errors.ts';
import { newKey, once } from '../../graphql/key.ts';
import type { SendMessageToChannelChanelInput } from '../../graphql/types.generated.ts';
import { SendMessageToChannelDocument, type PostFragment } from './channel.generated.ts';
import { attachmentsOf, mentionedIn, type Draft } from './draft.ts';

/** A message on its way, or one that did not get there. */
export interface Outgoing {
  /** What the server knows the try by: a repeat with the same key posts nothing twice. */
  key: string;
  draft: Draft;
  state: 'sending' | 'sent' | 'failed';
  /** Why it failed; undefined where the page was closed before the answer came. */
  error?: unknown;
}

/** Refusals that the server keeps with the key: nothing was posted, and a repeat would hear the same. */
const LASTING = ['INVALID_ARGUMENTS', 'FILE_TYPE_NOT_SUPPORTED', 'NOT_FOUND', 'CONFLICT'];

/** How long a message that was sent waits for its own event. */
const ECHO_TIME = 2_000;

/**
 * What a user sends to a channel. It goes on while another page is shown, and
 * is kept for a reload: then nobody knows whether the last try arrived, which
 * the key makes harmless.
 */
export class Outbox {
  #all: readonly Outgoing[];
  #listeners = new Set<() => void>();
  /** The last that was to be sent before. */
  #before: Promise<void> = Promise.resolve();
  readonly #storageKey: string;
  /** Told of a message that was sent and whose event is late. */
  onLate: (() => Promise<void>) | undefined;

  constructor(
    private readonly client: ApolloClient,
    private readonly user: string,
    private readonly cid: string,
  ) {
    this.#storageKey = `channel-outbox:${user}:${cid}`;
    this.#all = this.#kept();
  }

  get all(): readonly Outgoing[] {
    return this.#all;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  send(draft: Draft): void {
    this.#try({ key: newKey(), draft, state: 'sending' });
  }

  /** Tries again, with the same key wherever the first try may have arrived. */
  retry(key: string): void {
    const entry = this.#all.find((each) => each.key === key);
    if (entry === undefined || entry.state !== 'failed') return;
    this.#set(this.#all.filter((each) => each !== entry));
    this.#try({ key: isLasting(entry.error) ? newKey() : key, draft: entry.draft, state: 'sending' });
  }

  discard(key: string): void {
    this.#set(this.#all.filter((each) => each.key !== key));
  }

  /** A message has arrived: whoever waited for it is done, even where its answer was lost. */
  echo(post: PostFragment): void {
    const found = this.#all.find(({ draft, error }) => post.sender.id === this.user && !isLasting(error) && isEcho(draft, post));
    if (found !== undefined) this.discard(found.key);
  }

  /** Asks with the document's own operation, and no other variables. */
  static inputOf(cid: string, draft: Draft): SendMessageToChannelChanelInput {
    const [type = '', ...id] = cid.split(':');
    const mentioned = mentionedIn(draft).map((person) => person.id);
    const attachments = attachmentsOf(draft);
    return {
      channelId: id.join(':'),
      ...typeInput(type),
      text: draft.text,
      ...(attachments.length > 0 && { attachments }),
      ...(mentioned.length > 0 && { mentionedUsersIds: mentioned }),
    };
  }

  #try(entry: Outgoing): void {
    this.#set([...this.#all, entry]);
    // One after the other: a slow network would else bring them in any order.
    this.#before = this.#before.then(() => this.#post(entry));
  }

  async #post({ key, draft }: Outgoing): Promise<void> {
    try {
      await this.client.mutate({
        mutation: SendMessageToChannelDocument,
        variables: { input: Outbox.inputOf(this.cid, draft) },
        context: once(key),
        fetchPolicy: 'no-cache',
      });
      this.#change(key, { state: 'sent' });
      setTimeout(() => void this.#late(key), ECHO_TIME);
    } catch (error) {
      this.#change(key, { state: 'failed', error });
    }
  }

  async #late(key: string): Promise<void> {
    if (!this.#all.some((entry) => entry.key === key)) return;
    await this.onLate?.();
    this.discard(key);
  }

  #change(key: string, change: Partial<Outgoing>): void {
    this.#set(this.#all.map((entry) => (entry.key === key ? { ...entry, ...change } : entry)));
  }

  #set(all: readonly Outgoing[]): void {
    this.#all = all;
    // After signing out nothing of it is to be left behind.
    if (session.state.holder?.id === this.user) this.#keep();
    for (const listener of this.#listeners) listener();
  }

  #keep(): void {
    const kept = this.#all.filter(({ state }) => state !== 'sent').map(({ key, draft }) => ({ key, draft }));
    if (kept.length === 0) return storage.removeItem(this.#storageKey);
    try {
      storage.setItem(this.#storageKey, JSON.stringify(kept));
    } catch {
      // The tab's storage is full: it then lasts as long as the page.
    }
  }

  #kept(): Outgoing[] {
    try {
      const kept = JSON.parse(storage.getItem(this.#storageKey) ?? '[]') as Pick<Outgoing, 'key' | 'draft'>[];
      return kept.map(({ key, draft }) => ({ key, draft, state: 'failed' }));
    } catch {
      return [];
    }
  }
}

const outboxes = new Map<string, Outbox>();

/** The one outbox of a user for a channel. */
export function outboxOf(client: ApolloClient, user: string, cid: string): Outbox {
  const key = `${user} ${cid}`;
  const outbox = outboxes.get(key) ?? new Outbox(client, user, cid);
  outboxes.set(key, outbox);
  return outbox;
}

// Who signs out at will wants to leave nothing behind; whose token runs out comes back.
session.subscribe(() => {
  if (session.state.token === null && session.state.reason === undefined) outboxes.clear();
});

function isLasting(error: unknown): boolean {
  return error !== undefined && LASTING.includes(codeOf(error));
}

function isEcho(draft: Draft, post: PostFragment): boolean {
  const same = (a: readonly { assetUrl: string }[], b: readonly { assetUrl: string }[]) =>
    a.length === b.length && a.every(({ assetUrl }, at) => assetUrl === b[at]?.assetUrl);
  return draft.text === post.text && same(draft.attachments, post.attachments);
}
