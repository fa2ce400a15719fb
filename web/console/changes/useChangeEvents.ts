import { useSubscription } from '@apollo/client/react';
import { useEffect, useRef } from 'react';

import { useLive } from '../graphql/connection.ts';
import { ChangeEventsDocument } from './changes.generated.ts';

/** Changes come in bursts, e.g. of a hundred deletions. */
const GATHER = 150;

/** Calls when somebody changed something, and when something may have been missed. */
export function useChangeEvents(onChange: () => void): void {
  const act = useRef(onChange);
  act.current = onChange;
  const timer = useRef(0);
  const soon = () => {
    clearTimeout(timer.current);
    timer.current = window.setTimeout(() => act.current(), GATHER);
  };
  useSubscription(ChangeEventsDocument, { fetchPolicy: 'no-cache', ignoreResults: true, onData: soon });
  const live = useLive();
  useEffect(() => {
    if (live) act.current();
  }, [live]);
  useEffect(() => () => clearTimeout(timer.current), []);
}
