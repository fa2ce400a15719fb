import { VisuallyHidden } from '@mantine/core';
import { ExternalLink, FileVideo, ImageOff } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './Attachments.module.css';

export interface Shown {
  type: string;
  title: string;
  titleLink: string | null;
  assetUrl: string;
}

/**
 * Pictures and films in boxes of a size of their own, so that nothing moves when
 * they come. Nothing plays by itself, and no host learns where it is shown.
 */
export function Attachments({ attachments }: { attachments: readonly Shown[] }) {
  if (attachments.length === 0) return null;
  return (
    <ul className={styles.list}>
      {attachments.map(onlyWeb).map((attachment, at) => (
        <li key={at} className={styles.item}>
          {attachment.type === 'image' ? <Picture {...attachment} /> : <Film {...attachment} />}
          <Caption {...attachment} />
        </li>
      ))}
    </ul>
  );
}

/** Our server takes http and https alone; a hosted provider's may hold anything. */
function onlyWeb(attachment: Shown): Shown {
  const web = (address: string) => /^https?:\/\//i.test(address);
  return {
    ...attachment,
    assetUrl: web(attachment.assetUrl) ? attachment.assetUrl : '',
    titleLink: attachment.titleLink !== null && web(attachment.titleLink) ? attachment.titleLink : null,
  };
}

function Picture({ assetUrl, title }: Shown) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState(false);
  const name = title === '' ? t('picture') : t('pictureOf', { title });
  return (
    <a className={styles.box} href={assetUrl} target="_blank" rel="noopener noreferrer nofollow">
      <VisuallyHidden>{t('openNewTab', { what: name })}</VisuallyHidden>
      {broken ? (
        <span className={styles.broken}>
          <ImageOff size={20} aria-hidden />
          {t('pictureBroken')}
        </span>
      ) : (
        <img src={assetUrl} alt="" loading="lazy" decoding="async" referrerPolicy="no-referrer" onError={() => setBroken(true)} />
      )}
    </a>
  );
}

function Film({ assetUrl, title }: Shown) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState(false);
  const name = title === '' ? t('film') : t('filmOf', { title });
  if (broken) {
    return (
      <a className={styles.box} href={assetUrl} target="_blank" rel="noopener noreferrer nofollow">
        <VisuallyHidden>{t('openNewTab', { what: name })}</VisuallyHidden>
        <span className={styles.broken}>
          <FileVideo size={20} aria-hidden />
          {t('filmBroken')}
        </span>
      </a>
    );
  }
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
      <a className={styles.caption} href={titleLink} target="_blank" rel="noopener noreferrer nofollow" title={titleLink}>
        <bdi>{title === '' ? titleLink : title}</bdi>
        <ExternalLink size={12} aria-label={t('newTab')} />
      </a>
    );
  }
  if (title === '') return null;
  return (
    <span className={styles.caption} title={title}>
      <bdi>{title}</bdi>
    </span>
  );
}
