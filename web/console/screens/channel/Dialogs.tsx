import { lazy, Suspense, useMemo, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { RestrictDialog } from '../users/RestrictDialog.tsx';
import { useCopy, usePin } from './actions.ts';
import type { PersonFragment, PostFragment } from './channel.generated.ts';
import { DeleteDialog } from './DeleteDialog.tsx';
import { EditDialog } from './EditDialog.tsx';
import { Members } from './Members.tsx';
import type { MessageActions } from './messageActions.ts';
import type { TimelineHandle } from './Timeline.tsx';
import type { Head } from './useConversation.ts';

const ChannelForms = lazy(async () => ({ default: (await import('./ChannelForms.tsx')).ChannelForms }));

type Open =
  | { what: 'edit' | 'remove'; post: PostFragment }
  | { what: 'restrict'; person: PersonFragment; kind: 'ban' | 'mute'; everywhere: boolean }
  | { what: 'channel' | 'deletion' };

/** Which dialog is open, and what the messages' menus do. */
export function useDialogs(timeline: RefObject<TimelineHandle | null>) {
  const { t } = useTranslation('channel');
  const [open, set] = useState<Open>();
  const [, navigate] = useLocation();
  const pin = usePin();
  const copy = useCopy();
  const actions = useMemo<MessageActions>(
    () => ({
      edit: (post) => set({ what: 'edit', post }),
      remove: (post) => set({ what: 'remove', post }),
      pin,
      copy: (post) => copy(post.text, t('copyDone')),
      see: ({ id }) => navigate(`/users?search=${encodeURIComponent(id)}`),
      restrict: (person, kind, everywhere) => set({ what: 'restrict', person, kind, everywhere }),
      copyId: ({ id }) => copy(id, t('idCopied')),
    }),
    [pin, copy, navigate, t],
  );
  const close = () => {
    set(undefined);
    if (open?.what === 'edit' || open?.what === 'remove') timeline.current?.focusPost(open.post.id);
  };
  return { open, set, close, actions };
}

interface Props {
  dialogs: ReturnType<typeof useDialogs>;
  cid: string;
  head: Head | undefined;
  /** The messages as they are by now. */
  posts: readonly PostFragment[];
  onChanged(): void;
  members: boolean;
  onMembersClosed(): void;
  presence: ReadonlyMap<string, boolean>;
}

/** The dialogs of a channel and of its messages. */
export function Dialogs({ dialogs: { open, set, close }, cid, head, posts, onChanged, members, onMembersClosed, presence }: Props) {
  const now = (post: PostFragment) => posts.find(({ id }) => id === post.id) ?? post;
  return (
    <>
      {open?.what === 'edit' && <EditDialog post={open.post} now={now(open.post)} onClose={close} />}
      {open?.what === 'remove' && <DeleteDialog post={open.post} now={now(open.post)} onClose={close} />}
      {open?.what === 'restrict' && <RestrictDialog kind={open.kind} user={open.person} {...(open.everywhere ? {} : { cid })} onClose={close} />}
      {(open?.what === 'channel' || open?.what === 'deletion') && head !== undefined && (
        <Suspense>
          <ChannelForms head={head} form={open.what} onForm={(what) => set({ what })} onChanged={onChanged} onClose={close} />
        </Suspense>
      )}
      <Members cid={cid} opened={members} onClose={onMembersClosed} presence={presence} />
    </>
  );
}
