import type { ChatRole } from '../../graphql/types.generated.ts';
import type { Entry } from './parse.ts';

/** A user as the server knows it. */
export interface Known {
  id: string;
  name: string | null;
  role: ChatRole;
}

export type Effect = 'new' | 'renamed' | 'role' | 'unchanged' | 'fault';

/** What a line will do. A user may be renamed and get a role at once. */
export interface Step {
  entry: Entry;
  before?: Known;
  effects: readonly Effect[];
}

/** Compares what the file says with what is there. */
export function planOf(entries: readonly Entry[], known: ReadonlyMap<string, Known>): Step[] {
  return entries.map((entry) => {
    if (entry.fault !== undefined) return { entry, effects: ['fault'] };
    const before = known.get(entry.id);
    if (before === undefined) return { entry, effects: ['new'] };
    const effects: Effect[] = [];
    if (before.name !== entry.name) effects.push('renamed');
    if (entry.role !== undefined && before.role !== entry.role) effects.push('role');
    return { entry, before, effects: effects.length > 0 ? effects : ['unchanged'] };
  });
}

export const isToDo = ({ effects }: Step): boolean => effects[0] !== 'fault' && effects[0] !== 'unchanged';

export function countOf(steps: readonly Step[]): Record<Effect, number> {
  const counts: Record<Effect, number> = { new: 0, renamed: 0, role: 0, unchanged: 0, fault: 0 };
  for (const { effects } of steps) for (const effect of effects) counts[effect]++;
  return counts;
}

export interface UserInput {
  id: string;
  name: string;
  role?: ChatRole;
}

export const inputOf = ({ entry: { id, name, role } }: Step): UserInput => ({ id, name, ...(role !== undefined && { role }) });

/** What gives a user back its name and role. One that had no name keeps the new one: none can't be given. */
export const backOf = ({ entry, before }: Step): UserInput | undefined =>
  before && { id: entry.id, name: before.name ?? entry.name, role: before.role };
