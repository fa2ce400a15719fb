import { useCallback } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { typeInput } from '../../graphql/channelType.ts';
import { newKey } from '../../graphql/key.ts';
import { named } from '../../people.ts';
import { useToast } from '../../shell/toast.tsx';
import type { Actions } from './actions.ts';
import { addressOf } from './address.ts';
import type { ListedChannelFragment } from './channels.generated.ts';
import { place } from './place.ts';
import type { Row } from './rows.ts';

/** Tells that a channel was saved: a new one can be opened, and what was there before can come back. */
export function useTellSaved(actions: Actions) {
  const { t } = useTranslation('channels');
  const toast = useToast();
  const [, navigate] = useLocation();
  return (before: Row | undefined, now: ListedChannelFragment | undefined, name: string): void => {
    if (before === undefined) {
      const open = (cid: string) => () => {
        place.left = true;
        navigate(addressOf(cid));
      };
      return toast.done(t('created', { name: called(name, now?.cid) }), undefined, now && open(now.cid));
    }
    const key = newKey();
    const undo = async () => {
      const avatar = now !== undefined && now.avatar !== before.avatar ? { avatarFilename: fileOf(before.avatar) } : {};
      await actions.save({ id: before.id, name: before.label, ...typeInput(before.type), ...avatar }, key);
    };
    const words =
      before.label === name ? t('saved', { name: called(name, before.cid) }) : t('renamed', { before: short(before.label), name: called(name, before.cid) });
    toast.done(words, () => void toast.attempt(undo));
  };
}

/** Freezes channels, or opens them again; the notice takes that back. */
export function useFreeze(actions: Actions) {
  const { t } = useTranslation('channels');
  const toast = useToast();
  return useCallback(
    async (of: readonly Row[], frozen: boolean) => {
      const act = (cids: readonly string[], frozen: boolean, after: (done: string[]) => void) => {
        const key = newKey();
        let left = cids;
        return toast.attempt(async () => {
          const { done, error } = await actions.freeze(left, frozen, key);
          left = left.filter((cid) => !done.includes(cid));
          if (done.length > 0) after(done);
          if (error !== undefined) throw error;
        });
      };
      await act(of.filter((row) => row.frozen !== frozen).map(({ cid }) => cid), frozen, (done) => {
        const words = t(frozen ? 'frozenNow' : 'thawedNow', { count: done.length });
        toast.done(words, () => void act(done, !frozen, () => undefined));
      });
    },
    [actions, t, toast],
  );
}

/** A channel within a sentence: two may have one name, so with the cid. */
const called = (name: string, cid: string | undefined): string => named({ id: cid ?? short(name), name: short(name) });

/** A name within a sentence: not too long. */
function short(name: string): string {
  const letters = [...name];
  return letters.length > 60 ? `${letters.slice(0, 60).join('')}…` : name;
}

/** The file name that an avatar's address ends with. */
function fileOf(avatar: string | null): string | null {
  if (avatar === null) return null;
  return decodeURIComponent(new URL(avatar, location.href).pathname.split('/').at(-1) ?? '');
}
