import type { ApolloClient } from '@apollo/client';
import { ApolloProvider, useApolloClient, useQuery, useSubscription } from '@apollo/client/react';
import { Stack, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { useEffect, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { isKnown } from '../changes/words.ts';
import { said } from '../i18n/places.ts';
import type { Job } from '../screens/jobs/job.ts';
import { JobEventsDocument } from '../screens/jobs/jobs.generated.ts';
import { Progress } from '../screens/jobs/Progress.tsx';
import { useToast, type Undo } from '../shell/toast.tsx';
import { FollowedJobDocument } from './bulk.generated.ts';

/** A job that is over by then needs no note of its progress. */
const SOON = 300;
/** Where an event was missed. */
const AGAIN = 3_000;

export interface Following {
  /** What it has done, for the notice at its end. */
  over(job: Job): string;
  /** Looks at its end whether it can be undone. */
  undo?: (() => Promise<Undo>) | undefined;
  /** Shows what is so then. */
  after?: (() => void) | undefined;
}

/** Tells in notices how far a job is, and what became of it, wherever one goes meanwhile. */
export function useFollow(): (id: string, following: Following) => void {
  const client = useApolloClient();
  const toast = useToast();
  const { t } = useTranslation(['bulk', 'jobs']);
  const [, navigate] = useLocation();
  return useMemo(() => {
    const tell = (job: Job, { over, undo, after }: Following) => {
      after?.();
      const what = job.state === 'STOPPED' ? t('stopped', { what: said(over(job)) }) : over(job);
      const way = job.done > 0 ? undo?.() : undefined;
      if (job.failed === 0) return toast.done(what, way);
      toast.done(t('withFailures', { what: said(what), failed: said(t('jobs:failedOf', { count: job.failed })) }), way, { label: t('seeWhy'), run: () => navigate('/jobs') });
    };
    return (id, following) => {
      const note = `job-${id}`;
      const onOver = (job: Job) => {
        notifications.hide(note);
        tell(job, following);
      };
      setTimeout(() => {
        void lookAt(client, id).then((job) => {
          if (job !== undefined && job.endedAt !== null) return tell(job, following);
          notifications.show({ id: note, autoClose: false, withCloseButton: false, message: <JobNote client={client} id={id} onOver={onOver} /> });
        });
      }, SOON);
    };
  }, [client, toast, t, navigate]);
}

async function lookAt(client: ApolloClient, id: string): Promise<Job | undefined> {
  const answer = await client.query({ query: FollowedJobDocument, variables: { id }, fetchPolicy: 'network-only' }).catch(() => undefined);
  return answer?.data?.job ?? undefined;
}

/** Notices are shown outside of what gives other components the client. */
function JobNote({ client, ...rest }: { client: ApolloClient; id: string; onOver(job: Job): void }) {
  return (
    <ApolloProvider client={client}>
      <Way {...rest} />
    </ApolloProvider>
  );
}

function Way({ id, onOver }: { id: string; onOver(job: Job): void }) {
  const { t } = useTranslation('changes');
  const { data } = useQuery(FollowedJobDocument, { variables: { id }, pollInterval: AGAIN });
  useSubscription(JobEventsDocument, { ignoreResults: true });
  const job = data?.job as Job | null | undefined;
  const ended = job?.endedAt != null;
  useEffect(() => {
    if (ended && job) onOver(job);
  }, [ended]);
  if (job == null) return null;
  const what = isKnown(job.operation) ? t(`op_${job.operation}`) : job.operation;
  return (
    <Stack gap={4}>
      <Text fz="sm">{what}</Text>
      <Progress job={job} label={what} />
    </Stack>
  );
}
