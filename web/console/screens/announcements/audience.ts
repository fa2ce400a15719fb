import { typeInput } from '../../graphql/channelType.ts';
import type { ChannelSelectionInput } from '../../graphql/types.generated.ts';
import { matching, type Row } from '../channels/rows.ts';
import type { ShownAnnouncementFragment } from './announcements.generated.ts';

/** The server's limit. */
export const MAX_CHOSEN = 1_000;

/** Whom an announcement is for. What the other ways would take is kept, so that one may look at each. */
export interface Audience {
  way: 'some' | 'matching' | 'all';
  cids: readonly string[];
  type: string;
  search: string;
  /** Without a message since the beginning of this day here, e.g. 2026-11-01; empty for any. */
  since: string;
}

export const NOBODY: Audience = { way: 'some', cids: [], type: '', search: '', since: '' };

export const forThese = (cids: readonly string[]): Audience => ({ ...NOBODY, cids });

export function audienceOf({ cids, typeName, search, inactiveSince, all }: ShownAnnouncementFragment['channels']): Audience {
  const way = all ? 'all' : cids.length > 0 ? 'some' : 'matching';
  return { way, cids, type: typeName ?? '', search: search ?? '', since: inactiveSince === null ? '' : dayOf(new Date(inactiveSince)) };
}

export function selectionOf({ way, cids, type, search, since }: Audience): ChannelSelectionInput {
  if (way === 'all') return { all: true };
  if (way === 'some') return { cids: [...cids] };
  return { ...(type !== '' && typeInput(type)), ...(search.trim() !== '' && { search: search.trim() }), ...(since !== '' && { inactiveSince: beginOf(since).toISOString() }) };
}

/** Those of the channels that it is for, as far as this page knows; the server has the say when it is sent. */
export function reached(rows: readonly Row[], { way, cids, type, search, since }: Audience): readonly Row[] {
  if (way === 'all') return rows;
  if (way === 'some') {
    const chosen = new Set(cids);
    return rows.filter(({ cid }) => chosen.has(cid));
  }
  const before = since === '' ? Number.POSITIVE_INFINITY : beginOf(since).getTime();
  return matching(rows, search, type).filter(({ activity }) => activity < before);
}

export type Obstacle = 'nobody' | 'tooMany' | 'noFilter' | undefined;

/** What is to be changed about it before it can be saved. */
export function obstacleTo({ way, cids, type, search, since }: Audience): Obstacle {
  if (way === 'some' && cids.length === 0) return 'nobody';
  if (way === 'some' && cids.length > MAX_CHOSEN) return 'tooMany';
  return way === 'matching' && type === '' && search.trim() === '' && since === '' ? 'noFilter' : undefined;
}

const beginOf = (day: string): Date => new Date(`${day}T00:00`);

function dayOf(moment: Date): string {
  const two = (of: number) => String(of).padStart(2, '0');
  return `${moment.getFullYear()}-${two(moment.getMonth() + 1)}-${two(moment.getDate())}`;
}
