import { Text } from '@mantine/core';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { BulkDialog } from '../../bulk/BulkDialog.tsx';
import type { Plan } from '../../bulk/usePlan.ts';
import { useUndo } from '../../changes/useUndo.ts';
import type { PlanInput } from '../../graphql/types.generated.ts';
import { useFormats } from '../../i18n/formats.ts';
import { useToast } from '../../shell/toast.tsx';
import { FEW, type Actions } from './actions.ts';
import { Named } from './Named.tsx';
import { selectionOf, type Chosen } from './chosen.ts';

interface Props {
  /** What to delete, as it was when the dialog was opened. */
  of: Chosen;
  /** How many of them the search and filter hide. */
  hidden: number;
  actions: Actions;
  onGone(cids: readonly string[]): void;
  /** Tells that a job does it. */
  onBegun?(): void;
  onClose(): void;
}

/** Says what will go, asks for its number, and deletes it: a few at once, many with a job. */
export function DeleteDialog({ of, hidden, actions, onGone, onBegun, onClose }: Props) {
  const { t } = useTranslation('channels');
  const { moment } = useFormats();
  const toast = useToast();
  const undo = useUndo();
  const { rows, matching } = of;
  const input = useMemo<PlanInput>(() => ({ operation: 'DELETE_CHANNELS', channels: selectionOf(of) }), [of]);
  const few = matching === undefined && rows.length <= FEW;
  const direct = async (plan: Plan, reason: { reason?: string }, key: string) => {
    const cids = rows.map(({ cid }) => cid);
    const changes = await actions.delete(cids, key, reason);
    onGone(cids);
    toast.done(t('deleted', { count: plan.targets }), undo(changes));
  };
  return (
    <BulkDialog
      title={(count) => t('deleteTitle', { count })}
      about={rows.length}
      input={input}
      submit={(count) => t('deleteDo', { count })}
      over={({ done }) => t('deleted', { count: done })}
      whether={({ targets, undoableUntil }) => (undoableUntil === null ? t('deleteForGood') : t('deleteToBin', { count: targets, time: moment.format(new Date(undoableUntil)) }))}
      grave
      names={matching === undefined ? <Named channels={rows} label={t('deleteNames')} /> : undefined}
      direct={few ? direct : undefined}
      {...(onBegun !== undefined && { onBegun })}
      onClose={onClose}
    >
      {hidden > 0 && <Text c="var(--mantine-color-error)">{t('deleteHidden', { count: hidden })}</Text>}
    </BulkDialog>
  );
}
