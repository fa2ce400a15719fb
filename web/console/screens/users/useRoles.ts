import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { useTakeBack } from '../../changes/useTakeBack.ts';
import { once, useKeyFor } from '../../graphql/key.ts';
import { useToast } from '../../shell/toast.tsx';
import { showAsTheyAre } from './asTheyAre.ts';
import { SetRolesDocument } from './users.generated.ts';
import type { User } from './user.ts';

const AT_ONCE = 1_000; // what setRoles takes

/** Changes roles, a thousand at a time; the notice takes that back. */
export function useSetRoles() {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();
  const takeBack = useTakeBack();
  const keyFor = useKeyFor();

  /** Throws what the server says; what was changed until then can still be taken back. The same again is a retry. */
  return async (role: User['role'], userIds: readonly string[], reason: { reason?: string }): Promise<void> => {
    const changes: string[] = [];
    const changed: string[] = [];
    const key = keyFor({ role, userIds, ...reason });
    try {
      for (let from = 0; from < userIds.length; from += AT_ONCE) {
        const input = { role, userIds: userIds.slice(from, from + AT_ONCE), ...reason };
        const answer = await client.mutate({ mutation: SetRolesDocument, variables: { input }, context: once(`${key}-${from}`) });
        changes.push(...changesIn(answer));
        for (const { user, previousRole } of answer.data?.setRoles?.users ?? []) if (user.role !== previousRole) changed.push(user.id);
      }
    } finally {
      if (changed.length > 0) {
        const after = () => {
          keyFor('taken back'); // To give them the role again is another change.
          void showAsTheyAre(client, changed);
        };
        toast.done(t('roleDone', { count: changed.length }), takeBack(changes, after));
      }
    }
  };
}
