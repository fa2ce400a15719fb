import type { ChatRole } from '../../graphql/types.generated.ts';
import type { Effect, Step } from './read.ts';

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

export const inputOf = ({ id, name, role }: Step): UserInput => ({ id, name, ...(role !== undefined && { role }) });

/** What gives a user back its name and role. One that had no name keeps the new one: none can't be given. */
export const backOf = ({ id, name, before }: Step): UserInput | undefined => before && { id, name: before.name ?? name, role: before.role };
