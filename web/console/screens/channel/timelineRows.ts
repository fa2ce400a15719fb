import { nameOf } from '../../people.ts';
import type { PostFragment } from './channel.generated.ts';
import type { Outgoing } from './outbox.ts';

/** Messages of one sender within this time stand together. */
const TOGETHER = 5 * 60_000;

export type Row = { key: string; follows: boolean; day: string | undefined; /** Whether another author has the same name. */ alike: boolean } & ({ post: PostFragment } | { entry: Outgoing });

/** The messages, each with whether it follows another of its sender and whether a day begins; then what is on its way. */
export function rowsOf(posts: readonly PostFragment[], outgoing: readonly Outgoing[], dayOf: (date: Date) => string): Row[] {
  const ids = new Map<string, Set<string>>();
  for (const { sender } of posts) ids.set(nameOf(sender), (ids.get(nameOf(sender)) ?? new Set()).add(sender.id));
  let before: PostFragment | undefined;
  let dayBefore = '';
  const rows: Row[] = posts.map((post) => {
    const sent = new Date(post.createdAt);
    const date = sent.toDateString();
    const follows = before?.sender.id === post.sender.id && sent.getTime() - Date.parse(before.createdAt) < TOGETHER;
    const day = date === dayBefore ? undefined : dayOf(sent);
    before = post;
    dayBefore = date;
    return { key: post.id, follows, day, alike: (ids.get(nameOf(post.sender))?.size ?? 0) > 1, post };
  });
  for (const entry of outgoing) rows.push({ key: entry.key, follows: false, day: undefined, alike: false, entry });
  return rows;
}

/** How many messages come after that number. */
export function countAfter(posts: readonly PostFragment[], seq: number): number {
  let count = 0;
  while (count < posts.length && (posts[posts.length - 1 - count]?.seq ?? 0) > seq) count++;
  return count;
}
