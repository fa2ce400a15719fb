import { useApolloClient } from '@apollo/client/react';
import { useCallback, useEffect, useRef, useState } from 'react';

import type { PlanInput } from '../graphql/types.generated.ts';
import { PlanDocument, type PlanQuery } from './bulk.generated.ts';

export type Plan = PlanQuery['plan'];

/** How long somebody types before the server is asked. */
const PAUSE = 250;

/**
 * What an operation on many channels or users would do, asked anew when it becomes another one.
 * The plan is undefined until it is known, and while the input is.
 */
export function usePlan(input: PlanInput | undefined) {
  const client = useApolloClient();
  const text = input === undefined ? '' : JSON.stringify(input);
  const [known, setKnown] = useState<{ of: string; plan?: Plan; error?: unknown }>({ of: '' });
  const asked = useRef(0);
  const ask = useCallback(async (): Promise<Plan | undefined> => {
    if (text === '') return undefined;
    const call = ++asked.current;
    try {
      const { data } = await client.query({ query: PlanDocument, variables: { input: JSON.parse(text) as PlanInput }, fetchPolicy: 'no-cache' });
      if (call === asked.current && data !== undefined) setKnown({ of: text, plan: data.plan });
      return data?.plan;
    } catch (error) {
      if (call === asked.current) setKnown({ of: text, error });
      return undefined;
    }
  }, [client, text]);
  const first = useRef(true);
  useEffect(() => {
    const timer = setTimeout(() => void ask(), first.current ? 0 : PAUSE);
    first.current = false;
    return () => {
      asked.current++;
      clearTimeout(timer);
    };
  }, [ask]);
  const current = known.of === text ? known : undefined;
  return { plan: current?.plan, error: current?.error, ask };
}
