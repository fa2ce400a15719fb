import { CombinedGraphQLErrors, type ApolloClient } from '@apollo/client';

import { codeOf } from '../../graphql/errors.ts';
import {
  ChannelEventsDocument,
  ChannelHeadDocument,
  ChannelMessagesDocument,
  type ChannelEventsSubscription,
  type PersonFragment,
  type PostFragment,
} from './channel.generated.ts';

const PAGE = 50;
const TYPING_TIME = 8_000;
const EMIT_AFTER = 30;
const RETRY_AFTER = 2_000;
/** How often messages are asked for where the chat has no events. */
const POLL = 5_000;

type Event = ChannelEventsSubscription['channelEvents'];

export interface View {
  state: 'loading' | 'ready' | 'missing' | 'failed';
  /** Why it failed, or why older messages did. */
  error: unknown;
  /** By seq, without gaps from the first that is loaded. */
  posts: readonly PostFragment[];
  hasOlder: boolean;
  loadingOlder: boolean;
  /** The code with which the live connection ended for good. */
  ended: string | undefined;
  typing: readonly PersonFragment[];
  /** Who was seen to come or go. */
  presence: ReadonlyMap<string, boolean>;
}

/**
 * A channel's messages as they stand: the last ones, older ones as they are
 * asked for, and what happens live. It asks for the channel's seq first and for
 * the messages then, and follows from that seq, so nothing falls between; an
 * event that was seen already changes nothing.
 */
export class Conversation {
  #view: View = EMPTY;
  #posts = new Map<string, PostFragment>();
  /** What events said of messages that are not loaded: their page may be older than the event. */
  #early = new Map<string, PostFragment>();
  #typing = new Map<string, { user: PersonFragment; timer: ReturnType<typeof setTimeout> }>();
  #presence = new Map<string, boolean>();
  #seq = 0;
  #cursor: string | null = null;
  /** Counts starts, so that what an earlier one asked for is dropped. */
  #run = 0;
  #live: { unsubscribe(): void } | undefined;
  /** Whether the chat has no events. */
  #polls = false;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #emitting: ReturnType<typeof setTimeout> | undefined;
  #listeners = new Set<() => void>();
  #hearers = new Set<(event: Event) => void>();

  constructor(
    private readonly client: ApolloClient,
    readonly cid: string,
  ) {}

  get view(): View {
    return this.#view;
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  /** Hears of each event once, after the view has it. */
  hear(hearer: (event: Event) => void): () => void {
    this.#hearers.add(hearer);
    return () => this.#hearers.delete(hearer);
  }

  /** Begins, or begins anew; what is shown stays until the new state is there. */
  async start(): Promise<void> {
    this.stop();
    const run = this.#run;
    try {
      const head = await this.client.query({ query: ChannelHeadDocument, variables: { cid: this.cid }, fetchPolicy: 'network-only' });
      const channel = head.data?.channel;
      if (run !== this.#run) return;
      if (channel === null || channel === undefined) return this.#set({ state: 'missing', ended: undefined });
      const page = await this.#page(null);
      if (run !== this.#run) return;
      this.#posts.clear();
      this.#early.clear();
      for (const post of page.nodes) this.#posts.set(post.id, post);
      this.#cursor = page.pageInfo.startCursor;
      this.#seq = channel.seq;
      this.#set({ state: 'ready', error: undefined, ended: undefined, hasOlder: page.pageInfo.hasPreviousPage, loadingOlder: false, posts: this.#sorted() });
      this.#follow(run);
    } catch (error) {
      if (run !== this.#run) return;
      if (this.#view.state !== 'ready') return this.#set({ state: 'failed', error });
      // There is something to look at; it is made whole again as soon as it can be.
      this.#retry = setTimeout(() => void this.start(), RETRY_AFTER);
    }
  }

  stop(): void {
    this.#run++;
    this.#live?.unsubscribe();
    clearTimeout(this.#retry);
    for (const { timer } of this.#typing.values()) clearTimeout(timer);
    this.#typing.clear();
  }

  async loadOlder(): Promise<void> {
    const { hasOlder, loadingOlder } = this.#view;
    if (!hasOlder || loadingOlder) return;
    const run = this.#run;
    this.#set({ loadingOlder: true, error: undefined });
    try {
      const page = await this.#page(this.#cursor);
      if (run !== this.#run) return;
      for (const post of page.nodes) this.#posts.set(post.id, this.#early.get(post.id) ?? this.#posts.get(post.id) ?? post);
      this.#cursor = page.pageInfo.startCursor ?? this.#cursor;
      this.#set({ hasOlder: page.pageInfo.hasPreviousPage, loadingOlder: false, posts: this.#sorted() });
    } catch (error) {
      if (run === this.#run) this.#set({ loadingOlder: false, error });
    }
  }

  /** Loads the last messages again, for what the live connection has not brought yet. */
  async catchUp(): Promise<void> {
    const run = this.#run;
    if (this.#polls) return this.#refresh(run);
    const page = await this.#page(null).catch(() => undefined);
    if (run !== this.#run || page === undefined || this.#view.state !== 'ready') return;
    for (const post of page.nodes) if (post.seq > this.#seq) this.#posts.set(post.id, post);
    this.#set({ posts: this.#sorted() });
  }

  #poll(run: number): void {
    this.#retry = setTimeout(async () => {
      if (!document.hidden) await this.#refresh(run);
      if (run === this.#run) this.#poll(run);
    }, POLL);
  }

  /** Takes over the last messages as they are now, and tells of those that are new. */
  async #refresh(run: number): Promise<void> {
    const page = await this.#page(null).catch(() => undefined);
    if (run !== this.#run || page === undefined) return;
    const last = this.#sorted().at(-1)?.seq ?? 0;
    const gap = page.pageInfo.hasPreviousPage && page.nodes.every(({ seq }) => seq > last);
    if (gap) return void this.start();
    for (const post of page.nodes) {
      const known = this.#posts.has(post.id);
      this.#posts.set(post.id, post);
      if (!known) for (const hearer of this.#hearers) hearer({ type: 'message.new', seq: post.seq, user: post.sender, message: post, online: null });
    }
    this.#set({ posts: this.#sorted() });
  }

  async #page(before: string | null) {
    const { data } = await this.client.query({
      query: ChannelMessagesDocument,
      variables: { cid: this.cid, last: PAGE, ...(before !== null && { before }) },
      fetchPolicy: 'no-cache',
    });
    if (data === undefined) throw new Error('no messages in the answer');
    return data.messages;
  }

  #follow(run: number): void {
    this.#live?.unsubscribe();
    let ended = false;
    const end = (error: unknown) => {
      if (run !== this.#run || ended) return;
      ended = true;
      this.#ended(error);
    };
    const events = this.client.subscribe({
      query: ChannelEventsDocument,
      variables: { cid: this.cid, after: this.#seq },
      fetchPolicy: 'no-cache',
      // A connection that comes back goes on from the last event seen.
      context: { resume: () => ({ after: this.#seq }) },
    });
    this.#live = events.subscribe({
      next: ({ data, error }) => {
        if (run !== this.#run) return;
        if (error !== undefined) end(error);
        else if (data) this.#take(data.channelEvents);
      },
      error: end,
      complete: () => end(undefined),
    });
  }

  #ended(error: unknown): void {
    const code = CombinedGraphQLErrors.is(error) ? codeOf(error) : undefined;
    switch (code) {
      case 'REFETCH':
        void this.start();
        return;
      case 'UNAUTHORIZED':
        // The same question over HTTP tells an expired sign-in from a right that was lost.
        void this.client.query({ query: ChannelHeadDocument, variables: { cid: this.cid }, fetchPolicy: 'network-only' }).catch(() => undefined);
        break;
      case 'NOT_FOUND':
        break;
      case 'UNSUPPORTED': // This chat never has events: what is there stays, and is asked for now and then.
        this.#polls = true;
        this.#poll(this.#run);
        return;
      default:
        this.#retry = setTimeout(() => void this.start(), RETRY_AFTER);
        return;
    }
    this.#set({ ended: code });
  }

  #take(event: Event): void {
    if (event.type.startsWith('typing.')) return this.#typed(event.user, event.type === 'typing.start');
    if (event.type === 'user.presence.changed') {
      this.#presence.set(event.user.id, event.online === true);
      return this.#soon();
    }
    if (event.seq <= this.#seq) return;
    this.#seq = event.seq;
    const { message } = event;
    if (message !== null) {
      if (event.type === 'message.new') this.#typed(event.user, false);
      if (event.type === 'message.new' || this.#posts.has(message.id)) this.#posts.set(message.id, message);
      else this.#early.set(message.id, message);
    }
    this.#soon();
    for (const hearer of this.#hearers) hearer(event);
  }

  #typed(user: PersonFragment, typing: boolean): void {
    clearTimeout(this.#typing.get(user.id)?.timer);
    if (typing) this.#typing.set(user.id, { user, timer: setTimeout(() => this.#typed(user, false), TYPING_TIME) });
    else if (!this.#typing.delete(user.id)) return;
    this.#soon();
  }

  /** Shows what a burst of events has changed in one go. */
  #soon(): void {
    this.#emitting ??= setTimeout(() => this.#set({ posts: this.#sorted() }), EMIT_AFTER);
  }

  #sorted(): PostFragment[] {
    return [...this.#posts.values()].sort((a, b) => a.seq - b.seq);
  }

  #set(change: Partial<View>): void {
    clearTimeout(this.#emitting);
    this.#emitting = undefined;
    this.#view = {
      ...this.#view,
      ...change,
      typing: [...this.#typing.values()].map(({ user }) => user),
      presence: new Map(this.#presence),
    };
    for (const listener of this.#listeners) listener();
  }
}

const EMPTY: View = {
  state: 'loading',
  error: undefined,
  posts: [],
  hasOlder: false,
  loadingOlder: false,
  ended: undefined,
  typing: [],
  presence: new Map(),
};
