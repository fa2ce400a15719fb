import { useSyncExternalStore } from 'react';

import { storage } from '../storage.ts';
import { keepToken, keptToken, readHolder, takeTokenFromAddress, type Holder } from './token.ts';

/** Why nobody is signed in: the token ran out, is no good, or lacks the back office's role. */
export type Reason = 'expired' | 'refused' | 'denied';

export interface SessionState {
  readonly token: string | null;
  /** What the token says of its holder; the server alone checks it. */
  readonly holder: Holder | undefined;
  readonly reason: Reason | undefined;
  /** A token that a link brought while somebody is signed in: any page can open such a link, so the user is asked. */
  readonly offered?: { readonly token: string; readonly holder: Holder };
}

const LONGEST_TIMER = 2 ** 31 - 1;

/**
 * Who is signed in. The token lives in sessionStorage, so it survives a reload
 * and ends with the browser's tab; other tabs know nothing of it.
 */
class Session {
  #state: SessionState = { token: null, holder: undefined, reason: undefined };
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    const token = keptToken();
    if (token !== null) this.signIn(token);
    // A second link with a token, opened in this tab, changes only the fragment.
    window.addEventListener('hashchange', () => this.takeFromAddress());
  }

  get state(): SessionState {
    return this.#state;
  }

  takeFromAddress(): void {
    const token = takeTokenFromAddress();
    if (token === null || token === this.#state.token) return;
    if (this.#state.token === null) return this.signIn(token);
    const holder = readHolder(token);
    if (holder !== undefined) this.#set({ ...this.#state, offered: { token, holder } });
  }

  /** Goes on with the session there is. */
  decline(): void {
    const { token, holder, reason } = this.#state;
    this.#set({ token, holder, reason });
  }

  signIn(token: string): void {
    const holder = readHolder(token);
    if (holder === undefined) return this.end('refused');
    if (holder.expires !== undefined && holder.expires.getTime() <= Date.now()) return this.end('expired');
    keepToken(token);
    this.#set({ token, holder, reason: undefined });
    this.#watchExpiry(holder.expires);
  }

  /** Forgets the token; with a reason where it was not the user's wish. */
  end(reason?: Reason): void {
    clearTimeout(this.#timer);
    keepToken('');
    this.#set({ token: null, holder: reason === undefined ? undefined : this.#state.holder, reason });
  }

  /** Ends it at the user's wish, with all drafts: they may quote customers. */
  signOut(): void {
    storage.clearAll();
    this.end();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #watchExpiry(expires: Date | undefined): void {
    clearTimeout(this.#timer);
    if (expires === undefined) return;
    const left = expires.getTime() - Date.now();
    if (left <= 0) return this.end('expired');
    this.#timer = setTimeout(() => this.#watchExpiry(expires), Math.min(left, LONGEST_TIMER));
  }
}

export const session = new Session();

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}

/** Calls when what one user saw is not to be seen any more: one signed out at will, or is somebody else. */
export function onOtherUser(forget: () => void): void {
  let last = session.state.holder?.id;
  session.subscribe(() => {
    const { token, reason, holder } = session.state;
    if (token === null && reason !== undefined) return; // Who comes back goes on where one was.
    if (token === null || holder?.id !== last) forget();
    last = holder?.id;
  });
}
