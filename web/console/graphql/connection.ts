import { useSyncExternalStore } from 'react';

const FIRST_WAIT = 500;
const LONGEST_WAIT = 5_000;
const PATIENCE = 5_000;

/**
 * Whether the server can be reached. A request that found nobody says no; then
 * a probe asks until somebody answers, and `onRecovery` is told.
 */
class Connection {
  #online = true;
  #live = false;
  #listeners = new Set<() => void>();
  #recovered = new Set<() => void>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    window.addEventListener('offline', () => this.failed());
    window.addEventListener('online', () => this.probe());
  }

  get online(): boolean {
    return this.#online;
  }

  /** A request got no answer at all. */
  failed(): void {
    if (!this.#online) return;
    this.#set(false);
    this.#probeIn(FIRST_WAIT);
  }

  /** Whether events come in; it is so from the first subscription on, until it is cut off. */
  get live(): boolean {
    return this.#live;
  }

  setLive(live: boolean): void {
    this.#live = live;
    this.#tell();
  }

  /** Something was cut off, which need not be the server's end. */
  async suspect(): Promise<void> {
    if (this.#online && !(await isThere())) this.failed();
  }

  /** Asks at once, e.g. since the user pressed "Try again". */
  probe(): void {
    if (!this.#online) this.#probeIn(0);
  }

  onRecovery(listener: () => void): void {
    this.#recovered.add(listener);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #probeIn(milliseconds: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(async () => {
      const there = await isThere();
      if (this.#online) return;
      if (!there) return this.#probeIn(Math.min(Math.max(milliseconds, FIRST_WAIT) * 1.5, LONGEST_WAIT));
      this.#set(true);
      for (const listener of this.#recovered) listener();
    }, milliseconds);
  }

  #set(online: boolean): void {
    this.#online = online;
    this.#tell();
  }

  #tell(): void {
    for (const listener of this.#listeners) listener();
  }
}

async function isThere(): Promise<boolean> {
  try {
    return (await fetch('/readyz', { cache: 'no-store', signal: AbortSignal.timeout(PATIENCE) })).ok;
  } catch {
    return false;
  }
}

export const connection = new Connection();

export function useOnline(): boolean {
  return useSyncExternalStore(connection.subscribe, () => connection.online);
}

export function useLive(): boolean {
  return useSyncExternalStore(connection.subscribe, () => connection.live);
}
