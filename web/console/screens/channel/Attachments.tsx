import { VisuallyHidden } from '@mantine/core';
import { ExternalLink, FileVideo, Image as ImageIcon, ImageOff, Mic, Paperclip } from 'lucide-react';
import { useState, type CSSProperties, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { hostOf, isShown } from '../../media/pictures.ts';
import styles from './Attachments.module.css';
import { Lightbox } from './Lightbox.tsx';
import { isHere, isSound, onlyWeb, type Shown } from './shown.ts';

/**
 * Pictures and videos in boxes whose size is known beforehand, so that nothing moves
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
            {isSound(attachment) ? (
              <Sound {...attachment} />
            ) : !isHere(attachment) ? (
              <Elsewhere {...attachment} />
            ) : (
              <>
                {attachment.type === 'image' ? <Picture {...attachment} onOpen={() => setOpened(at)} /> : <Video {...attachment} />}
                <Caption {...attachment} />
              </>
            )}
          </li>
        ))}
      </ul>
      {opened !== undefined && <Lightbox attachments={shown} at={opened} onTurn={setOpened} onClose={() => setOpened(undefined)} />}
    </>
  );
}

function Picture({ assetUrl, thumbUrl, title, width, height, onOpen }: Shown & { onOpen(): void }) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState<readonly string[]>([]);
  const name = title === '' ? t('picture') : t('pictureOf', { title });
  const src = [thumbUrl ?? assetUrl, assetUrl].find((each) => isShown(each) && !broken.includes(each));
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

function Video({ assetUrl, thumbUrl, title, width, height }: Shown) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState(false);
  const [size, setSize] = useState({ width, height });
  const name = title === '' ? t('video') : t('videoOf', { title });
  if (broken) return <Broken what={name} why={t('videoBroken')} address={assetUrl} icon={<FileVideo size={20} aria-hidden />} />;
  return (
    <div className={styles.box} style={boxOf(size.width, size.height)}>
      <video
        // Some browsers show a first picture only of a moment after the first.
        src={`${assetUrl}#t=0.001`}
        poster={thumbUrl !== null && isShown(thumbUrl) ? thumbUrl : undefined}
        controls
        playsInline
        preload="metadata"
        aria-label={name}
        onLoadedMetadata={({ currentTarget: { videoWidth, videoHeight } }) => {
          if (size.width === null && videoWidth > 0) setSize({ width: videoWidth, height: videoHeight });
        }}
        onError={() => setBroken(true)}
      />
    </div>
  );
}

function Sound({ type, assetUrl, title }: Shown) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState(false);
  const kind = type === 'voiceRecording' ? t('voiceNote') : t('sound');
  const name = title === '' ? kind : title;
  if (broken) return <Elsewhere {...{ type, assetUrl, title: name, titleLink: null, thumbUrl: null, width: null, height: null }} />;
  return (
    <figure className={styles.sound}>
      <figcaption>
        <Mic size={16} aria-hidden />
        <bdi>{visible(name)}</bdi>
      </figcaption>
      <audio src={assetUrl} controls preload="none" aria-label={visible(name)} onError={() => setBroken(true)} />
    </figure>
  );
}

/** What the page does not show: a link that says where it leads. */
function Elsewhere({ type, title, assetUrl, titleLink }: Shown) {
  const { t } = useTranslation('channel');
  const address = assetUrl === '' ? (titleLink ?? '') : assetUrl;
  const Icon = type === 'image' ? ImageIcon : type === 'video' ? FileVideo : Paperclip;
  const kind = type === 'image' ? t('picture') : type === 'video' ? t('video') : t('file');
  const name = title === '' ? kind : title;
  if (address === '') return <span className={styles.link}>{name}</span>;
  return (
    <a className={styles.link} href={address} target="_blank" rel="noopener noreferrer nofollow" referrerPolicy="no-referrer" title={visible(address)}>
      <Icon size={20} aria-hidden />
      <span className={styles.where}>
        <bdi>{visible(name)}</bdi>
        <bdi className={styles.host} dir="ltr">
          {hostOf(address)}
        </bdi>
      </span>
      <ExternalLink size={14} aria-label={t('newTab')} />
    </a>
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
