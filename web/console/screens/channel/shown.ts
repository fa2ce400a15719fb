import { isShown } from '../../media/pictures.ts';

/** An attachment as it is shown. */
export interface Shown {
  type: string;
  title: string;
  titleLink: string | null;
  assetUrl: string;
  thumbUrl: string | null;
  width: number | null;
  height: number | null;
}

/** Our server takes http and https alone; a hosted provider's may hold anything. */
export function onlyWeb(attachment: Shown): Shown {
  const web = (address: string | null) => (address !== null && /^https?:\/\//i.test(address) ? address : null);
  return {
    ...attachment,
    assetUrl: web(attachment.assetUrl) ?? '',
    thumbUrl: web(attachment.thumbUrl),
    titleLink: web(attachment.titleLink),
  };
}

/** Whether it is something to hear that the page may play. */
export const isSound = ({ type, assetUrl }: Shown): boolean => (type === 'voiceRecording' || type === 'audio') && isShown(assetUrl);

/** Whether the page may show it: others are links. */
export const isHere = ({ type, assetUrl }: Shown): boolean => (type === 'image' || type === 'video') && isShown(assetUrl);
