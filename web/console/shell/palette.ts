import type { LucideIcon } from 'lucide-react';
import { useEffect, useId, useSyncExternalStore } from 'react';

/** A line of the palette (Ctrl or Cmd and K). */
export interface Command {
  id: string;
  label: string;
  description?: string;
  icon: LucideIcon;
  run(): void;
}

const offered = new Map<string, readonly Command[]>();
const listeners = new Set<() => void>();
let all: readonly Command[] = [];

function offer(by: string, commands: readonly Command[] | undefined): void {
  if (commands === undefined) offered.delete(by);
  else offered.set(by, commands);
  all = [...offered.values()].flat();
  for (const listener of listeners) listener();
}

/** Puts a screen's own commands into the palette while it is shown. Memoise them. */
export function useCommands(commands: readonly Command[]): void {
  const by = useId();
  useEffect(() => {
    offer(by, commands);
    return () => offer(by, undefined);
  }, [by, commands]);
}

export function useOfferedCommands(): readonly Command[] {
  return useSyncExternalStore(subscribe, () => all);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
