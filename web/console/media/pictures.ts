import type { PictureBounds } from '../config.ts';

let bounds: PictureBounds = { bytes: 0, jpegPixels: 0, pngPixels: 0 };

/** Sets the most that a picture may have. */
export function boundPictures(to: PictureBounds): void {
  bounds = to;
}

/** The most that a picture may have. */
export const pictureBounds = (): PictureBounds => bounds;

let sources: readonly string[] = [];

/** Sets whose pictures and videos the page may show, as its policy has it. */
export function showPicturesFrom(from: readonly string[]): void {
  sources = from;
}

/** Whether the page may show what lies at the address: it is ours, or of a host that the operator names. */
export function isShown(address: string): boolean {
  if (!URL.canParse(address, location.href)) return false;
  const url = new URL(address, location.href);
  return ['blob:', 'data:'].includes(url.protocol) || url.origin === location.origin || sources.some((source) => covers(source, url));
}

function covers(source: string, { protocol, host }: URL): boolean {
  const [scheme = '', of = ''] = source.split('://');
  if (protocol !== `${scheme}:` && protocol !== 'https:') return false;
  return of.startsWith('*.') ? host.endsWith(of.slice(1)) : host === of;
}

/** The picture as our server makes it for lists: small. An address with a query may be signed, and stays as it is. */
export function smallOf(address: string): string {
  return /^https?:[^?#]+$/.test(address) ? `${address}?size=96` : address;
}

/** The host of an address, for people. */
export function hostOf(address: string): string {
  return URL.canParse(address) ? new URL(address).host : address;
}
