import type { ShownJobFragment } from './jobs.generated.ts';

export type Job = ShownJobFragment;

/** Whether it may still do something by itself or be told to. */
export const isOpen = ({ state }: Job): boolean => ['SCHEDULED', 'RUNNING', 'PAUSED', 'MISSED'].includes(state);

/** How its state is coloured. */
export const COLOURS = {
  DRAFT: 'gray', SCHEDULED: 'blue', RUNNING: 'sea', PAUSED: 'gray', DONE: 'sea', DONE_WITH_FAILURES: 'red', STOPPED: 'gray', MISSED: 'red',
} as const satisfies Record<Job['state'], string>;
