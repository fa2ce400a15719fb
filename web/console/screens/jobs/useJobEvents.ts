import { useSubscription } from '@apollo/client/react';
import { useEffect, useRef } from 'react';

import { useLive } from '../../graphql/connection.ts';
import { JobEventsDocument } from './jobs.generated.ts';
import type { Job } from './job.ts';

/** Jobs come in bursts. */
const GATHER = 150;

/**
 * Keeps the jobs that are shown as they are: the cache takes what the events say.
 * Calls when a job changes that `concerns` the screen, and when one may have been missed.
 */
export function useJobEvents(onChange: () => void, concerns: (job: Job) => boolean = () => true): void {
  const act = useRef(onChange);
  act.current = onChange;
  const timer = useRef(0);
  useSubscription(JobEventsDocument, {
    ignoreResults: true,
    onData: ({ data: { data } }) => {
      if (data === undefined || !concerns(data.jobEvents.job)) return;
      clearTimeout(timer.current);
      timer.current = window.setTimeout(() => act.current(), GATHER);
    },
  });
  const live = useLive();
  useEffect(() => {
    if (live) act.current();
  }, [live]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
