import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { newKey, once, useKeyFor } from '../../graphql/key.ts';
import { useToast } from '../../shell/toast.tsx';
import { SetRolesDocument, type SetRolesMutation } from './users.generated.ts';
import type { User } from './user.ts';

type Change = NonNullable<SetRolesMutation['setRoles']>['users'][number];

const AT_ONCE = 1_000; // what setRoles takes

/** Changes roles, a thousand at a time, and offers to give the old ones back, which the server tells, also to a repeat. */
export function useSetRoles() {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();
  const keyFor = useKeyFor();

  const give = async (role: User['role'], userIds: readonly string[], key: string, done: Change[]) => {
    for (let from = 0; from < userIds.length; from += AT_ONCE) {
      const input = { role, userIds: userIds.slice(from, from + AT_ONCE) };
      const { data } = await client.mutate({ mutation: SetRolesDocument, variables: { input }, context: once(`${key}-${from}`) });
      done.push(...(data?.setRoles?.users ?? []));
    }
  };
  const giveBack = (changes: readonly Change[]) => {
    keyFor('taken back'); // To give them the role again is another change.
    const key = newKey();
    return toast.attempt(async () => {
      for (const role of new Set(changes.map(({ previousRole }) => previousRole))) {
        const ids = changes.filter(({ previousRole }) => previousRole === role).map(({ user }) => user.id);
        await give(role, ids, `${key}-${role}`, []);
      }
      toast.done(t('roleUndone'));
    });
  };

  /** Throws what the server says; what was changed until then can still be taken back. The same again is a retry. */
  return async (role: User['role'], userIds: readonly string[]): Promise<void> => {
    const done: Change[] = [];
    try {
      await give(role, userIds, keyFor({ role, userIds }), done);
    } finally {
      const changed = done.filter(({ user, previousRole }) => user.role !== previousRole);
      if (changed.length > 0) {
        toast.done(t('roleDone', { count: changed.length }), () => void giveBack(changed));
      }
    }
  };
}
