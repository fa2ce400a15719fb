import { typeInput } from '../../graphql/channelType.ts';
import type { ChannelSelectionInput } from '../../graphql/types.generated.ts';
import type { Matching, Row } from './rows.ts';

/** Channels that were picked, or all that match. */
export interface Chosen {
  rows: readonly Row[];
  /** What they match; undefined if they were picked. */
  matching: Matching | undefined;
}

/** The same as a plan takes it. */
export function selectionOf({ rows, matching }: Chosen): ChannelSelectionInput {
  if (matching === undefined) return { cids: rows.map(({ cid }) => cid) };
  const search = matching.search.trim();
  if (search === '' && matching.type === '') return { all: true };
  return { ...(search !== '' && { search }), ...(matching.type !== '' && typeInput(matching.type)) };
}
