import { useCallback, useState } from 'react';

import { isEmpty, keepDraft, keptDraft, type Draft } from './draft.ts';

/** A channel's draft, kept at every change. */
export function useDraft(user: string, cid: string) {
  const [draft, setDraft] = useState(() => keptDraft(user, cid));
  const change = useCallback(
    (by: (draft: Draft) => Draft) =>
      setDraft((now) => {
        const next = by(now);
        keepDraft(user, cid, next);
        return next;
      }),
    [user, cid],
  );
  /** Brings back what was not sent, behind what has been written since. */
  const take = useCallback(
    (back: Draft) =>
      change((now) =>
        isEmpty(now)
          ? back
          : { text: `${now.text}\n${back.text}`, attachments: [...now.attachments, ...back.attachments], picked: [...now.picked, ...back.picked] },
      ),
    [change],
  );
  return { draft, change, take };
}
