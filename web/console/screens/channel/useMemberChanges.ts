import { useMutation } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { newKey, once } from '../../graphql/key.ts';
import type { ChatRole } from '../../graphql/types.generated.ts';
import { named } from '../../people.ts';
import { useToast } from '../../shell/toast.tsx';
import { ChannelAddMembersDocument, ChannelRemoveMembersDocument, ChannelSetRolesDocument, type PersonFragment } from './channel.generated.ts';

export type Change = ReturnType<typeof useMemberChanges>;

/** Adding, removing and roles; each can be taken back from the toast. */
export function useMemberChanges(cid: string, done: () => void) {
  const { t } = useTranslation('channel');
  const toast = useToast();
  const [addMembers] = useMutation(ChannelAddMembersDocument);
  const [removeMembers] = useMutation(ChannelRemoveMembersDocument);
  const [setRoles] = useMutation(ChannelSetRolesDocument);
  const tell = (act: (context: ReturnType<typeof once>) => Promise<unknown>, words: string, undo?: () => void): Promise<boolean> => {
    const context = once(newKey());
    return toast.attempt(async () => {
      await act(context);
      done();
      toast.done(words, undo);
    });
  };
  const role = async (person: PersonFragment, to: ChatRole, from?: ChatRole): Promise<void> => {
    const words = t('roleDone', { name: named(person), role: t(`role${to}`) });
    await tell(
      (context) => setRoles({ variables: { input: { userIds: [person.id], role: to } }, context }),
      words,
      from === undefined ? undefined : () => void role(person, from),
    );
  };
  const add = async (ids: string[], again = true): Promise<boolean> =>
    tell(
      (context) => addMembers({ variables: { input: { cid, userIds: ids } }, context }),
      t('addDone', { count: ids.length }),
      again ? () => void remove(ids, false) : undefined,
    );
  const remove = async (ids: string[], again = true): Promise<boolean> =>
    tell(
      (context) => removeMembers({ variables: { input: { cid, userIds: ids } }, context }),
      t('removeDone', { count: ids.length }),
      again ? () => void add(ids, false) : undefined,
    );
  return { role, add, remove };
}
