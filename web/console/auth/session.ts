import { useSyncExternalStore } from 'react';

import { storage } from '../storage.ts';
import { forgetIssuer, keepToken, keptToken, readHolder, takeTokenFromAddress, type Holder } from './token.ts';

/** Why nobody is signed in: the token ran out, is no good, or lacks the back office's role. */
export type Reason = 'expired' | 'refused' | 'denied';

export interface SessionState {
  readonly token: string | null;
  /** What the token says of its holder; the server alone checks it. */
  readonly holder: Holder | undefined;
  readonly reason: Reason | undefined;
  /** A token that a link brought while somebody is signed in: any page can open such a link, so the user is asked. */
  readonly offered?: { readonly token: string; readonly holder: Holder };
  /** The token is renewed before it ends. */
  readonly renews?: boolean;
  /** One signed out here, and perhaps not at the issuer. */
  readonly leftOpen?: boolean;
}

/** Who gave the token, and gives newer ones. */
export interface Issuer {
  /** It has what it takes to renew the token. */
  readonly renews: boolean;
  /** A newer token. Throws RenewalEnded if there will be none; any other error may pass. */
  renew(): Promise<string>;
  /** Leaves the page, to sign out there too. Throws if that can't be. */
  leave(): Promise<void>;
}

export class RenewalEnded extends Error {}

const LONGEST_TIMER = 2 ** 31 - 1;
const LONGEST_MARGIN = 60_000; // A token is renewed so long before it ends, or in the last third of its life.
const ALMOST_OVER = 2_000; // A request with such a token might come too late.
const TRY_AGAIN = 2_000;
const PATIENCE = 60_000; // After sleep the network takes a while to be there.

/**
 * Who is signed in. The token lives in sessionStorage, so it survives a reload
 * and ends with the browser's tab; other tabs know nothing of it.
 */
class Session {
  #state: SessionState = { token: null, holder: undefined, reason: undefined };
  #listeners = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #issuer: Issuer | undefined;
  #renewing: Promise<void> | undefined;
  /** By this machine's clock, which may differ from the issuer's. */
  #ends = Number.POSITIVE_INFINITY;
  #margin = 0;
  #failingSince: number | undefined;

  constructor() {
    const token = keptToken();
    const holder = token === null ? undefined : readHolder(token);
    if (token !== null && holder !== undefined && !isOver(holder)) this.#adopt(token, holder, false);
    else keepToken('');
    if (holder !== undefined && isOver(holder)) this.#state = { token: null, holder, reason: 'expired' }; // Unless its issuer renews it.
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
    const { offered: _declined, ...rest } = this.#state;
    this.#set(rest);
  }

  /** With an issuer, the token is a new one, and renewed from now on. */
  signIn(token: string, issuer?: Issuer): void {
    const holder = readHolder(token);
    if (holder === undefined) return this.end('refused');
    if (issuer === undefined && isOver(holder)) return this.end('expired');
    this.#issuer = issuer;
    if (issuer === undefined) forgetIssuer();
    this.#adopt(token, holder, issuer !== undefined);
  }

  /** Goes on after the page was loaded again, with whoever gave the token. */
  async resume(issuer: Issuer): Promise<void> {
    const { token, holder } = this.#state;
    this.#issuer = issuer;
    if (token === null || holder === undefined) return this.renew();
    this.#set({ ...this.#state, renews: issuer.renews });
    this.#wait();
  }

  /** The token that a request is to be sent with; one that is almost over is renewed first. */
  async fresh(): Promise<string | null> {
    if (this.#state.renews === true && this.#ends - Date.now() < ALMOST_OVER) await this.renew();
    return this.#state.token;
  }

  /** Renews the token now; if that can't be, the session goes on as long as the token. */
  renew(): Promise<void> {
    this.#renewing ??= this.#renew().finally(() => (this.#renewing = undefined));
    return this.#renewing;
  }

  /** Forgets the token; with a reason where it was not the user's wish. */
  end(reason?: Reason): void {
    clearTimeout(this.#timer);
    // The server may see the end first.
    const why = reason === 'refused' && this.#state.holder !== undefined && isOver(this.#state.holder) ? 'expired' : reason;
    this.#issuer = undefined;
    keepToken('');
    forgetIssuer();
    this.#set({ token: null, holder: reason === undefined ? undefined : this.#state.holder, reason: why });
  }

  /** Ends it at the user's wish, here and at its issuer, with all drafts: they may quote customers. */
  signOut(): void {
    const issuer = this.#issuer;
    storage.clearAll();
    this.end();
    void issuer?.leave().catch(() => this.#set({ ...this.#state, leftOpen: true }));
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #set(state: SessionState): void {
    this.#state = state;
    for (const listener of this.#listeners) listener();
  }

  #adopt(token: string, holder: Holder, isNew: boolean): void {
    const left = isNew && this.#issuer?.renews === true && holder.lasts !== undefined ? holder.lasts : (holder.expires?.getTime() ?? Number.POSITIVE_INFINITY) - Date.now();
    this.#ends = Date.now() + left;
    this.#failingSince = undefined;
    this.#margin = Math.min(LONGEST_MARGIN, (holder.lasts ?? left) / 3);
    keepToken(token);
    const { offered } = this.#state;
    this.#set({ token, holder, reason: undefined, renews: this.#issuer?.renews === true, ...(offered !== undefined && isNew && { offered }) });
    this.#wait();
  }

  async #renew(): Promise<void> {
    const issuer = this.#issuer;
    if (issuer === undefined) return;
    try {
      const token = await issuer.renew();
      const holder = readHolder(token);
      if (holder === undefined) throw new RenewalEnded();
      if (this.#issuer === issuer) this.#adopt(token, holder, true);
    } catch (error) {
      if (this.#issuer !== issuer) return; // One signed out meanwhile.
      if (this.#state.token === null) return this.end('expired');
      this.#failingSince ??= Date.now();
      if (error instanceof RenewalEnded) this.#set({ ...this.#state, renews: false });
      this.#wait(TRY_AGAIN);
    }
  }

  /** Waits until the token is to be renewed, or for its end. */
  #wait(atLeast = 0): void {
    clearTimeout(this.#timer);
    if (this.#ends === Number.POSITIVE_INFINITY) return;
    const renews = this.#state.renews === true;
    const left = this.#ends - Date.now();
    const patient = renews && Date.now() - (this.#failingSince ?? Date.now()) < PATIENCE;
    if (left <= 0 && !patient) return this.end('expired');
    const next = renews ? Math.max(left - this.#margin, atLeast) : left;
    this.#timer = setTimeout(() => {
      if (renews && this.#ends - Date.now() <= this.#margin) void this.renew();
      else this.#wait();
    }, Math.min(next, LONGEST_TIMER));
  }
}

const isOver = ({ expires }: Holder): boolean => expires !== undefined && expires.getTime() <= Date.now();

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
