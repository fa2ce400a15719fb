import { useApolloClient } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { useUndo } from '../../changes/useUndo.ts';
import { once, useKeyFor } from '../../graphql/key.ts';
import { useToast } from '../../shell/toast.tsx';
import { showAsTheyAre } from './asTheyAre.ts';
import { SetRolesDocument } from './users.generated.ts';
import type { User } from './user.ts';

type Seen = Pick<User, 'id' | 'version'>;

const AT_ONCE = 1_000; // what setRoles takes

/** Changes roles, a thousand at a time; the notice undoes that. */
export function useSetRoles() {
  const client = useApolloClient();
  const { t } = useTranslation('users');
  const toast = useToast();
  const undo = useUndo();
  const keyFor = useKeyFor();

  /** Answers with the versions that they have then. Throws what the server says; what was changed until then can still be undone. The same again is a retry. */
  return async (role: User['role'], users: readonly Seen[], reason: { reason?: string }): Promise<ReadonlyMap<string, string>> => {
    const changes: string[] = [];
    const changed: string[] = [];
    const versions = new Map<string, string>();
    const key = keyFor({ role, users: users.map(({ id, version }) => [id, version]), ...reason });
    try {
      for (let from = 0; from < users.length; from += AT_ONCE) {
        const some = users.slice(from, from + AT_ONCE);
        const input = { role, userIds: some.map(({ id }) => id), ifVersions: some.map(({ version }) => version), ...reason };
        const answer = await client.mutate({ mutation: SetRolesDocument, variables: { input }, context: once(`${key}-${from}`) });
        changes.push(...changesIn(answer));
        for (const { user, previousRole } of answer.data?.setRoles?.users ?? []) {
          versions.set(user.id, user.version);
          if (user.role !== previousRole) changed.push(user.id);
        }
      }
      return versions;
    } finally {
      if (changed.length > 0) {
        const after = () => {
          keyFor('undone'); // To give them the role again is another change.
          void showAsTheyAre(client, changed);
        };
        toast.done(t('roleDone', { count: changed.length }), undo(changes, after));
      }
    }
  };
}
