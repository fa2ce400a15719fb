import { onOtherUser } from '../../auth/session.ts';
import type { Matching, Row } from './rows.ts';

/** Where one was in the list of channels, kept while another page is shown. */
interface Place {
  /** As they were; shown until newer ones are there. */
  rows: readonly Row[] | undefined;
  selected: ReadonlySet<string>;
  matching: Matching | undefined;
  /** The row that the keys act on, by cid. */
  active: string | undefined;
  /** How far the list was scrolled, and with what in the address. */
  offset: number;
  search: string;
  /** The channel just made, by cid, until its row is shown. */
  made: string | undefined;
  /** Whether the channel that is shown was opened from the list. */
  left: boolean;
}

const nowhere: Place = { rows: undefined, selected: new Set(), matching: undefined, active: undefined, made: undefined, offset: 0, search: '', left: false };

export const place: Place = { ...nowhere };
onOtherUser(() => Object.assign(place, nowhere));
