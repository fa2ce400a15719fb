import { useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { BulkDialog } from '../../bulk/BulkDialog.tsx';
import { PeopleField } from '../../bulk/PeopleField.tsx';
import type { BulkOperation, PlanInput } from '../../graphql/types.generated.ts';
import { selectionOf, type Chosen } from './chosen.ts';

/** What can be done to many channels besides deleting them, and how it is called. */
const WAYS = {
  freeze: { operation: 'FREEZE_CHANNELS', over: 'frozenNow', title: 'freezeTitle' },
  thaw: { operation: 'UNFREEZE_CHANNELS', over: 'thawedNow', title: 'thawTitle' },
  addMembers: { operation: 'ADD_MEMBERS', over: 'membersAdded', title: 'addMembersTitle' },
  removeMembers: { operation: 'REMOVE_MEMBERS', over: 'membersRemoved', title: 'removeMembersTitle' },
} as const satisfies Record<string, { operation: BulkOperation; over: string; title: string }>;
export type Way = keyof typeof WAYS;

/** Asks before something is done to many channels: what, to whom, and whether it can be undone. */
export function WayDialog({ way, of, onBegun, onClose }: { way: Way; of: Chosen; onBegun(): void; onClose(): void }) {
  const { t } = useTranslation('channels');
  const [people, setPeople] = useState<string[]>([]);
  const { operation, over, title } = WAYS[way];
  const members = way === 'addMembers' || way === 'removeMembers';
  const input = useMemo<PlanInput | undefined>(
    () => (members && people.length === 0 ? undefined : { operation, channels: selectionOf(of), ...(members && { userIds: people }) }),
    [members, people, operation, of],
  );
  return (
    <BulkDialog
      title={(count) => t(title, { count })}
      about={of.rows.length}
      input={input}
      submit={() => t(way)}
      over={({ done }) => t(over, { count: done })}
      onBegun={onBegun}
      onClose={onClose}
    >
      {members && <PeopleField label={t(way === 'addMembers' ? 'whoJoins' : 'whoLeaves')} value={people} onChange={setPeople} autoFocus />}
    </BulkDialog>
  );
}
