import type { Storage as GraphiQLStorage } from '@graphiql/toolkit';

const PREFIX = 'graphiql:';
const THEME = 'graphiql:theme';
// GraphiQL's history keeps the headers of what was run, in which a token may stand.
const WITH_HEADERS = ['graphiql:queries', 'graphiql:favorites'];

// Private windows with storage switched off throw on mere access.
function openSession(): Storage | undefined {
  try {
    return window.sessionStorage;
  } catch {
    return undefined;
  }
}

const session = openSession();
const memory = new Map<string, string>();

interface TabStorage extends GraphiQLStorage {
  keys(): string[];
  /** Forgets what GraphiQL stored; its "Clear data" button must not sign anybody out. */
  clear(): void;
  /** Forgets everything but the colours. */
  clearAll(): void;
}

/**
 * Everything that the page remembers lives as long as the browser tab, and never
 * in localStorage: tokens, and drafts that may quote customers.
 */
export const storage: TabStorage = {
  getItem: (key) => (session ? session.getItem(key) : (memory.get(key) ?? null)),
  setItem(key, given) {
    const value = WITH_HEADERS.includes(key) ? withoutHeaders(given) : given;
    if (session) session.setItem(key, value);
    else memory.set(key, value);
  },
  removeItem(key) {
    session?.removeItem(key);
    memory.delete(key);
  },
  keys: () => (session ? Object.keys(session) : [...memory.keys()]),
  get length() {
    return this.keys().length;
  },
  clear() {
    for (const key of this.keys()) if (key.startsWith(PREFIX)) this.removeItem(key);
  },
  clearAll() {
    for (const key of this.keys()) if (key !== THEME) this.removeItem(key);
  },
};

function withoutHeaders(history: string): string {
  return JSON.stringify(JSON.parse(history), (key, value: unknown) => (key === 'headers' ? undefined : value));
}
