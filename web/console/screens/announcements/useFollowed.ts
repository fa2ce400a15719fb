import { useApolloClient } from '@apollo/client/react';

import { useFollow } from '../../bulk/useFollow.tsx';
import { useUndo } from '../../changes/useUndo.ts';
import type { Job } from '../jobs/job.ts';
import { AnnouncementDocument } from './announcements.generated.ts';

/** Tells in notices how far an edit or a recall is, and undoes it once it is over. */
export function useFollowed(): (job: Job | undefined, over: (job: Job) => string) => void {
  const client = useApolloClient();
  const follow = useFollow();
  const undo = useUndo();
  const after = () => void client.refetchQueries({ include: [AnnouncementDocument] });
  return (job, over) => {
    if (job !== undefined) follow(job.id, { over, undo: () => undo(job.change === null ? [] : [job.change], after) });
  };
}
