import { useSyncExternalStore } from 'react';

const KEY = 'backchannel:developer';
const listeners = new Set<() => void>();
let on = stored();

function stored(): boolean {
  try {
    return localStorage.getItem(KEY) === 'on';
  } catch {
    return false;
  }
}

/** Shows what only developers want, or hides it; remembered in this browser. */
export function showDeveloperTools(shown: boolean): void {
  on = shown;
  try {
    if (shown) localStorage.setItem(KEY, 'on');
    else localStorage.removeItem(KEY);
  } catch {
    // A private window may have no storage; the choice then lasts until the reload.
  }
  for (const listener of listeners) listener();
}

export function useDeveloperTools(): boolean {
  return useSyncExternalStore(
    (listener) => {
      listeners.add(listener);
      return () => listeners.delete(listener);
    },
    () => on,
  );
}
