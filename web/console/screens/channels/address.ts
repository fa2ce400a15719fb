/** Where a channel is shown, below /console. */
export const addressOf = (cid: string): string => `/channels/${encodeURI(cid)}`;

/** The cid in an address, in which links from elsewhere may have written the colon as %3A: the router leaves that as it is. */
export function cidOf(segment: string): string {
  try {
    return decodeURIComponent(segment);
  } catch {
    return segment;
  }
}
