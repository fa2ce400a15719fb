import { useQuery } from '@apollo/client/react';
import { useCallback } from 'react';

import { RecallsDocument, type ShownAnnouncementFragment } from './announcements.generated.ts';

/** Whether an announcement is recalled: the record of the recall says whether it was undone. */
export function useStanding() {
  const { data, refetch } = useQuery(RecallsDocument);
  const undone = new Map(data?.changes.nodes.map(({ id, undoneBy }) => [id, undoneBy]));
  /** The change that took the last recall back, or null. */
  const undoneBy = ({ recall }: ShownAnnouncementFragment): string | null => undone.get(recall?.change ?? '') ?? null;
  const isRecalled = (of: ShownAnnouncementFragment): boolean => of.recall !== null && undoneBy(of) === null;
  const renew = useCallback(() => void refetch().catch(() => undefined), [refetch]);
  return { isRecalled, undoneBy, renew };
}
