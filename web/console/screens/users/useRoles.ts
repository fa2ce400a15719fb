import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { once } from '../../graphql/key.ts';
import { useToast } from '../../shell/toast.tsx';
import { SetRolesDocument, type SetRolesMutation } from './users.generated.ts';
import type { User } from './UserTable.tsx';

type Change = NonNullable<SetRolesMutation['setRoles']>['users'][number];

const AT_ONCE = 1_000; // what setRoles takes

/** Changes roles, a thousand at a time, and offers to give the old ones back, which the server tells. */
export function useSetRoles() {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();

  const give = async (role: User['role'], userIds: readonly string[], done: Change[]) => {
    for (let from = 0; from < userIds.length; from += AT_ONCE) {
      const input = { role, userIds: userIds.slice(from, from + AT_ONCE) };
      const { data } = await client.mutate({ mutation: SetRolesDocument, variables: { input }, context: once() });
      done.push(...(data?.setRoles?.users ?? []));
    }
  };
  const giveBack = async (changes: readonly Change[]) => {
    try {
      for (const role of new Set(changes.map(({ previousRole }) => previousRole))) {
        await give(role, changes.filter(({ previousRole }) => previousRole === role).map(({ user }) => user.id), []);
      }
      toast.done(t('roleUndone'));
    } catch (error) {
      toast.failed(error);
    }
  };

  /** Throws what the server says; what was changed until then can still be taken back. */
  return async (role: User['role'], userIds: readonly string[]): Promise<void> => {
    const done: Change[] = [];
    try {
      await give(role, userIds, done);
    } finally {
      const changed = done.filter(({ user, previousRole }) => user.role !== previousRole);
      if (changed.length > 0) {
        toast.done(t('roleDone', { count: changed.length }), () => void giveBack(changed));
      }
    }
  };
}
