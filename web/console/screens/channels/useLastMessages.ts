import { useApolloClient } from '@apollo/client/react';
import { useEffect, useState } from 'react';

import { onOtherUser } from '../../auth/session.ts';
import { LastMessagesDocument, type LastMessagesQuery } from './channels.generated.ts';
import type { Row } from './rows.ts';

/** Who scrolls past asks for nothing. */
const PAUSE = 100;
/** A message that was changed or deleted is shown for no longer. */
const FRESH = 60_000;
const MOST = 200;

export type Last = LastMessagesQuery['lastMessages'][number];

const known = new Map<string, { messages: number; asked: number; last: Last | undefined }>();
onOtherUser(() => known.clear());

/** The last message of each of these channels, by cid, as far as they are there: those in sight are asked for. */
export function useLastMessages(rows: readonly Row[]): ReadonlyMap<string, Last> {
  const client = useApolloClient();
  const [shown, setShown] = useState<ReadonlyMap<string, Last>>(lasts);
  useEffect(() => {
    const stale = Date.now() - FRESH;
    const missing = rows.filter(({ cid, activity, messageCount }) => {
      const here = known.get(cid);
      return activity > 0 && (here === undefined || here.messages !== messageCount || here.asked < stale);
    });
    if (missing.length === 0) return;
    const timer = setTimeout(async () => {
      const some = missing.slice(0, MOST);
      const asked = Date.now();
      const answer = await client
        .query({ query: LastMessagesDocument, variables: { cids: some.map(({ cid }) => cid) }, fetchPolicy: 'no-cache' })
        .catch(() => undefined); // The rows do without.
      if (answer?.data === undefined) return;
      const found = new Map(answer.data.lastMessages.map((last) => [last.cid, last]));
      for (const { cid, messageCount } of some) known.set(cid, { messages: messageCount, asked, last: found.get(cid) });
      setShown(lasts());
    }, PAUSE);
    return () => clearTimeout(timer);
  }, [client, rows.map(({ cid, messageCount }) => `${cid} ${messageCount}`).join()]);
  return shown;
}

function lasts(): Map<string, Last> {
  const all = new Map<string, Last>();
  for (const [cid, { last }] of known) if (last !== undefined) all.set(cid, last);
  return all;
}
