import { storage } from '../../storage.ts';
import type { AttachmentInput } from '../../graphql/types.generated.ts';
import { nameOf } from '../../people.ts';
import type { Uploaded } from '../../media/upload.ts';
import type { PersonFragment } from './channel.generated.ts';

// The server's limits, told before it has to.
export const MAX_TEXT = 5_000;
export const MAX_ATTACHMENTS = 30;
export const MAX_MENTIONS = 25;
export const MAX_TITLE = 255;
export const MAX_ADDRESS = 2_048;

export const PICTURES = ['png', 'jpg', 'jpeg'];
export const VIDEOS = ['mp4', 'avi', 'mov', 'flv'];

export interface Attached {
  assetUrl: string;
  title: string;
  titleLink: string;
  /** What the server knows of its own files, as it will tell with the message. */
  thumbUrl?: string | null;
  width?: number | null;
  height?: number | null;
}

export type Picked = Pick<PersonFragment, 'id' | 'name'>;

/** A message that is being written. */
export interface Draft {
  text: string;
  attachments: readonly Attached[];
  /** Who was picked after an @; who is still named in the text is mentioned. */
  picked: readonly Picked[];
}

export const EMPTY_DRAFT: Draft = { text: '', attachments: [], picked: [] };

/** A file that was uploaded, with its name for a title; the longest names are longer than titles may be. */
export function attachedOf(file: File, { url, thumbnailUrl, width, height }: Uploaded): Attached {
  const title = [...file.name].slice(0, MAX_TITLE).join('');
  return { assetUrl: url, title, titleLink: '', thumbUrl: thumbnailUrl ?? null, width: width ?? null, height: height ?? null };
}

export const isEmpty = (draft: Draft): boolean => draft.text.trim() === '' && draft.attachments.length === 0;

/** Characters as the server counts them: code points. */
export const lengthOf = (text: string): number => {
  let length = 0;
  for (const _ of text) length++;
  return length;
};

/** Those of the picked people whom the text still names, each once. */
export function mentionedIn(draft: Draft): Picked[] {
  const byId = new Map(draft.picked.map((person) => [person.id, person]));
  return [...byId.values()].filter((person) => draft.text.includes(`@${nameOf(person)}`));
}

export const attachmentsOf = (draft: Draft): AttachmentInput[] =>
  draft.attachments.map(({ assetUrl, title, titleLink }) => ({ assetUrl, title, ...(titleLink !== '' && { titleLink }) }));

/** The extension of a file's name or of an address's path, in lower case. */
export function extensionOf(name: string): string {
  return /\.([a-z0-9]+)$/i.exec(name)?.[1]?.toLowerCase() ?? '';
}

export const isPicture = (address: string): boolean => PICTURES.includes(extensionOf(pathOf(address)));

export type Verdict = 'notAnAddress' | 'wrongType' | undefined;

/** What the server would say against an address of a picture or video. */
export function verdictOnAsset(address: string): Verdict {
  if (!isAddress(address)) return 'notAnAddress';
  return [...PICTURES, ...VIDEOS].includes(extensionOf(pathOf(address))) ? undefined : 'wrongType';
}

export const verdictOnLink = (address: string): Verdict => (address === '' || isAddress(address) ? undefined : 'notAnAddress');

export type Obstacle = 'tooLong' | 'tooManyAttachments' | 'tooManyMentions' | 'badTitle';

/** What keeps a draft from being sent, or undefined; an empty one is not asked about. */
export function obstacleOf(draft: Draft): Obstacle | undefined {
  if (lengthOf(draft.text) > MAX_TEXT) return 'tooLong';
  if (draft.attachments.length > MAX_ATTACHMENTS) return 'tooManyAttachments';
  if (mentionedIn(draft).length > MAX_MENTIONS) return 'tooManyMentions';
  const bad = draft.attachments.some(({ title, titleLink }) => lengthOf(title) > MAX_TITLE || verdictOnLink(titleLink) !== undefined);
  return bad ? 'badTitle' : undefined;
}

function isAddress(text: string): boolean {
  if (!/^https?:\/\/[^/?#]/i.test(text) || new TextEncoder().encode(text).length > MAX_ADDRESS) return false;
  return URL.canParse(text);
}

function pathOf(address: string): string {
  try {
    return decodeURIComponent(new URL(address).pathname);
  } catch {
    return '';
  }
}

const keyOf = (user: string, cid: string) => `channel-draft:${user}:${cid}`;

/** The draft of a channel, which outlives leaving the page, a reload, and an expired sign-in. */
export function keptDraft(user: string, cid: string): Draft {
  try {
    const kept = JSON.parse(storage.getItem(keyOf(user, cid)) ?? 'null') as Draft | null;
    return kept === null ? EMPTY_DRAFT : { ...EMPTY_DRAFT, ...kept };
  } catch {
    return EMPTY_DRAFT;
  }
}

export function keepDraft(user: string, cid: string, draft: Draft): void {
  const key = keyOf(user, cid);
  if (draft.text === '' && draft.attachments.length === 0) return storage.removeItem(key);
  try {
    storage.setItem(key, JSON.stringify(draft));
  } catch {
    // The tab's storage is full: the draft then lasts as long as the page.
  }
}
