import { useApolloClient } from '@apollo/client/react';
import { Alert, Button, Group, Modal, Stack, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useFollow } from '../bulk/useFollow.tsx';
import { newKey } from '../graphql/key.ts';
import type { UndoConflict } from '../graphql/types.generated.ts';
import { Failure } from '../shell/Failure.tsx';
import { useToast } from '../shell/toast.tsx';
import { useStay } from '../shell/Unsaved.tsx';
import { inTheWay, type InTheWay } from './conflict.ts';
import { Entry, type People } from './Entry.tsx';
import { useInTheWayInWords } from './inTheWay.ts';
import { ReasonField } from './ReasonField.tsx';
import { undoAll, type Wanted } from './undo.ts';
import type { Change } from './words.ts';

interface Props {
  title: string;
  /** What will come back. */
  children: ReactNode;
  submit: string;
  wanted: readonly Wanted[];
  people: People;
  /** Tells what was made and what is left, also after a failure. */
  onDone(left: readonly Wanted[]): void;
  onClose(): void;
}

/** Undoes changes, for a reason. If that isn't possible now, it shows why, and offers what is possible. */
export function UndoDialog({ title, children, submit, wanted, people, onDone, onClose }: Props) {
  const { t } = useTranslation(['changes', 'shell']);
  const client = useApolloClient();
  const toast = useToast();
  const follow = useFollow();
  const [reason, setReason] = useState('');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [way, setWay] = useState<InTheWay>();
  const left = useRef(wanted);
  const [key] = useState(newKey);
  useStay(busy);

  const run = async (onConflict?: UndoConflict) => {
    setBusy(true);
    setError(undefined);
    setWay(undefined);
    const outcome = await undoAll(client, left.current, { key, reason: reason.trim(), ...(onConflict !== undefined && { onConflict }) });
    left.current = outcome.left;
    if (outcome.made.length > 0) onDone(outcome.left);
    if (outcome.error === undefined) {
      for (const job of outcome.jobs) follow(job, { over: () => t('undone'), after: () => onDone([]) });
      if (outcome.jobs.length === 0) toast.done(t('undone'));
      return onClose();
    }
    setWay(await inTheWay(client, outcome.error, outcome.left[0]?.change ?? ''));
    setError(outcome.error);
    setBusy(false);
  };
  const onSubmit = (event: SubmitEvent) => {
    event.preventDefault();
    void run(way?.what === 'cid' ? 'RENAME' : undefined);
  };
  const over = way !== undefined && way.what !== 'cid';
  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={title} size="lg" closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <form onSubmit={onSubmit}>
        <Stack>
          {children}
          {!over && <ReasonField value={reason} onChange={setReason} />}
          {way !== undefined && <Way way={way} people={people} />}
          {error !== undefined && way === undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={busy} onClick={onClose}>
              {over ? t('shell:close') : t('cancel')}
            </Button>
            {!over && (
              <Button type="submit" loading={busy}>
                {way === undefined ? submit : t('bringBackRenamed')}
              </Button>
            )}
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Why a change can't be undone now, with the change that prevents it. */
function Way({ way, people }: { way: InTheWay; people: People }) {
  const { t } = useTranslation('changes');
  const inWords = useInTheWayInWords();
  const change: Change | undefined = way.what === 'cid' ? undefined : way.change;
  return (
    <Alert color="yellow" variant="default" role="alert" icon={<TriangleAlert size={18} aria-hidden />}>
      <Text fz="sm">{inWords(way)}</Text>
      {way.what === 'cid' && <Text fz="sm">{t('cidTakenLead')}</Text>}
      {change !== undefined && <Entry change={change} people={people} whole />}
    </Alert>
  );
}
