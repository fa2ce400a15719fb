import { VisuallyHidden } from '@mantine/core';
import { ExternalLink, FileVideo, ImageOff } from 'lucide-react';
import { useState, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import styles from './Attachments.module.css';
import { Lightbox } from './Lightbox.tsx';

export interface Shown {
  type: string;
  title: string;
  titleLink: string | null;
  assetUrl: string;
  thumbUrl: string | null;
  width: number | null;
  height: number | null;
}

/**
 * Pictures and films in boxes whose size is known beforehand, so that nothing moves
 * when they come: small pictures where there are any, a large one when it is asked
 * for. Nothing plays by itself, and no host learns where it is shown.
 */
export function Attachments({ attachments }: { attachments: readonly Shown[] }) {
  const [opened, setOpened] = useState<number>();
  if (attachments.length === 0) return null;
  const shown = attachments.map(onlyWeb);
  return (
    <>
      <ul className={styles.list}>
        {shown.map((attachment, at) => (
          <li key={at} className={styles.item}>
            {attachment.type === 'image' ? <Picture {...attachment} onOpen={() => setOpened(at)} /> : <Film {...attachment} />}
            <Caption {...attachment} />
          </li>
        ))}
      </ul>
      {opened !== undefined && <Lightbox attachments={shown} at={opened} onTurn={setOpened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

/** Our server takes http and https alone; a hosted provider's may hold anything. */
function onlyWeb(attachment: Shown): Shown {
  const web = (address: string | null) => (address !== null && /^https?:\/\//i.test(address) ? address : null);
  return {
    ...attachment,
    assetUrl: web(attachment.assetUrl) ?? '',
    thumbUrl: web(attachment.thumbUrl),
    titleLink: web(attachment.titleLink),
  };
}

function Picture({ assetUrl, thumbUrl, title, width, height, onOpen }: Shown & { onOpen(): void }) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState<readonly string[]>([]);
  const name = title === '' ? t('picture') : t('pictureOf', { title });
  const src = [thumbUrl ?? assetUrl, assetUrl].find((each) => !broken.includes(each));
  if (src === undefined) return <Broken what={name} why={t('pictureBroken')} address={assetUrl} icon={<ImageOff size={20} aria-hidden />} />;
  return (
    <button type="button" className={styles.box} style={boxOf(width, height)} aria-label={name} aria-haspopup="dialog" onClick={onOpen}>
      <img src={src} alt="" loading="lazy" decoding="async" referrerPolicy="no-referrer" onError={() => setBroken([...broken, src])} />
    </button>
  );
}

const WIDEST = 2.4;
const NARROWEST = 0.75;

/** A box of the picture's shape, within bounds. */
function boxOf(width: number | null, height: number | null): CSSProperties {
  return width === null || height === null ? {} : { aspectRatio: Math.min(Math.max(width / height, NARROWEST), WIDEST) };
}

/** In the place of what the browser can't show. */
function Broken({ what, why, address, icon }: { what: string; why: string; address: string; icon: ReactNode }) {
  const { t } = useTranslation('channel');
  return (
    <a className={styles.box} href={address} target="_blank" rel="noopener noreferrer nofollow">
      <VisuallyHidden>{t('openNewTab', { what })}</VisuallyHidden>
      <span className={styles.broken}>
        {icon}
        {why}
      </span>
    </a>
  );
}

function Film({ assetUrl, title }: Shown) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState(false);
  const name = title === '' ? t('film') : t('filmOf', { title });
  if (broken) return <Broken what={name} why={t('filmBroken')} address={assetUrl} icon={<FileVideo size={20} aria-hidden />} />;
  return (
    <div className={styles.box}>
      <video src={assetUrl} controls playsInline preload="metadata" aria-label={name} onError={() => setBroken(true)} />
    </div>
  );
}

function Caption({ title, titleLink }: Shown) {
  const { t } = useTranslation('channel');
  if (titleLink !== null && titleLink !== '') {
    return (
      <a className={styles.caption} href={titleLink} target="_blank" rel="noopener noreferrer nofollow" title={visible(titleLink)}>
        <bdi>{visible(title === '' ? titleLink : title)}</bdi>
        <ExternalLink size={12} aria-label={t('newTab')} />
      </a>
    );
  }
  if (title === '') return null;
  return (
    <span className={styles.caption} title={visible(title)}>
      <bdi>{visible(title)}</bdi>
    </span>
  );
}
