import { session } from '../../auth/session.ts';
import type { Import } from './apply.ts';
import type { List } from './read.ts';

/** What a list will change, and how far that has come. */
export interface Plan {
  list: List;
  /** What it was read from, to read it otherwise. */
  source: Blob;
  encodingChosen: boolean;
  job?: Import;
}

// In memory alone, since it names people: a reload forgets it, a refused token does not.
let kept: { owner: string; plan: Plan } | undefined;

/** The plan that the user who is signed in had before the sign-in. */
export function keptPlan(): Plan | undefined {
  return kept?.owner === session.state.holder?.id ? kept?.plan : undefined;
}

export function keep(plan: Plan | undefined): void {
  const owner = session.state.holder?.id;
  kept = plan === undefined || owner === undefined ? undefined : { owner, plan };
}

/** The screen was left: what isn't under way is forgotten, unless it was the sign-in that took the screen's place. */
export function leave(): void {
  const { token, reason } = session.state;
  const underWay = kept?.plan.job?.finished === false;
  const signInAgain = token === null && reason !== undefined;
  if (!signInAgain && !(token !== null && underWay)) kept = undefined;
}
