import { useMutation } from '@apollo/client/react';
import { useTranslation } from 'react-i18next';

import { changesIn } from '../../changes/answer.ts';
import { useOvertaken } from '../../changes/useOvertaken.ts';
import { useUndo } from '../../changes/useUndo.ts';
import { newKey, once } from '../../graphql/key.ts';
import type { ChatRole } from '../../graphql/types.generated.ts';
import { named } from '../../people.ts';
import { useToast } from '../../shell/toast.tsx';
import { ChannelAddMembersDocument, ChannelRemoveMembersDocument, ChannelSetRolesDocument, type PersonFragment } from './channel.generated.ts';

/** A member as somebody saw it. */
export type Member = PersonFragment & { version: string };

export type Change = ReturnType<typeof useMemberChanges>;

/** Adding, removing and roles; each can be undone from the toast. */
export function useMemberChanges(cid: string, done: () => void) {
  const { t } = useTranslation('channel');
  const toast = useToast();
  const undo = useUndo();
  const overtaken = useOvertaken();
  const [addMembers] = useMutation(ChannelAddMembersDocument);
  const [removeMembers] = useMutation(ChannelRemoveMembersDocument);
  const [setRoles] = useMutation(ChannelSetRolesDocument);
  const tell = (act: (context: ReturnType<typeof once>) => Promise<Parameters<typeof changesIn>[0]>, words: string): Promise<boolean> => {
    const context = once(newKey());
    return toast.attempt(async () => {
      const changes = changesIn(await act(context));
      done();
      toast.done(words, undo(changes, done));
    }, overtaken);
  };
  const role = (person: Member, to: ChatRole) =>
    tell((context) => setRoles({ variables: { input: { userIds: [person.id], ifVersions: [person.version], role: to } }, context }), t('roleDone', { name: named(person), role: t(`role${to}`) }));
  const add = (userIds: string[]) => tell((context) => addMembers({ variables: { input: { cid, userIds } }, context }), t('addDone', { count: userIds.length }));
  const remove = (userIds: string[]) => tell((context) => removeMembers({ variables: { input: { cid, userIds } }, context }), t('removeDone', { count: userIds.length }));
  return { role, add, remove };
}
