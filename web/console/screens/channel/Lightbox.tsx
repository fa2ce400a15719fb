import { ActionIcon } from '@mantine/core';
import { ChevronLeft, ChevronRight, ExternalLink, ImageOff, X } from 'lucide-react';
import { useLayoutEffect, useRef, useState, type KeyboardEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { isHere, type Shown } from './shown.ts';
import { isShown } from '../../media/pictures.ts';
import styles from './Lightbox.module.css';

interface Props {
  attachments: readonly Shown[];
  /** The place of the one that is shown. */
  at: number;
  onTurn(at: number): void;
  onClose(): void;
}

// Mantine's dialogs hear Escape before anybody else, and would close beneath this one.
const OURS = { 'data-mantine-stop-propagation': 'true' };

/**
 * A picture as large as the window lets it be; arrow keys turn to the message's
 * other pictures. The browser's own dialog: it lies above everything, keeps the
 * focus and gives it back.
 */
export function Lightbox({ attachments, at, onTurn, onClose }: Props) {
  const { t, i18n } = useTranslation(['channel', 'shell']);
  const dialog = useRef<HTMLDialogElement>(null);
  const closer = useRef<HTMLButtonElement>(null);
  useLayoutEffect(() => {
    const element = dialog.current;
    element?.showModal();
    closer.current?.focus();
    return () => element?.close();
  }, []);

  const pictures = attachments.flatMap((each, place) => (each.type === 'image' && isHere(each) ? [place] : []));
  const turn = (by: number) => {
    const to = pictures[pictures.indexOf(at) + by];
    if (to !== undefined) onTurn(to);
  };
  const forward = i18n.dir() === 'rtl' ? -1 : 1;
  const onKeyDown = (event: KeyboardEvent) => {
    event.stopPropagation();
    if (event.key === 'ArrowRight') turn(forward);
    else if (event.key === 'ArrowLeft') turn(-forward);
  };

  const shown = attachments[at];
  if (shown === undefined) return null;
  const name = shown.title === '' ? t('picture') : t('pictureOf', { title: shown.title });
  const position = pictures.indexOf(at) + 1;
  return (
    <dialog
      {...OURS}
      ref={dialog}
      className={styles.lightbox}
      aria-label={name}
      onKeyDown={onKeyDown}
      onClose={onClose}
      onClick={(event) => event.target === event.currentTarget && onClose()}
    >
      <div className={styles.bar}>
        <bdi className={styles.title}>{visible(shown.title)}</bdi>
        {pictures.length > 1 && (
          <>
            <ActionIcon {...OURS} variant="default" size="lg" aria-label={t('previousPicture')} {...disabled(position === 1)} onClick={() => turn(-1)}>
              <ChevronLeft size={18} className={styles.turn} aria-hidden />
            </ActionIcon>
            <span role="status" className={styles.count}>
              {t('pictureAt', { at: position, of: pictures.length })}
            </span>
            <ActionIcon {...OURS} variant="default" size="lg" aria-label={t('nextPicture')} {...disabled(position === pictures.length)} onClick={() => turn(1)}>
              <ChevronRight size={18} className={styles.turn} aria-hidden />
            </ActionIcon>
          </>
        )}
        <ActionIcon {...OURS} component="a" href={shown.assetUrl} target="_blank" rel="noopener noreferrer nofollow" variant="default" size="lg" aria-label={t('openNewTab', { what: name })}>
          <ExternalLink size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon {...OURS} ref={closer} variant="default" size="lg" aria-label={t('shell:close')} onClick={onClose}>
          <X size={18} aria-hidden />
        </ActionIcon>
      </div>
      <Large key={shown.assetUrl} {...shown} name={name} />
    </dialog>
  );
}

// It looks so and does nothing, but keeps the focus, without which no key would be heard.
const disabled = (yes: boolean) => ({ 'aria-disabled': yes, ...(yes && { 'data-disabled': true }) });

function Large({ assetUrl, thumbUrl, width, height, name }: Shown & { name: string }) {
  const { t } = useTranslation('channel');
  const [broken, setBroken] = useState(false);
  if (broken) {
    return (
      <p className={styles.broken}>
        <ImageOff size={20} aria-hidden />
        {t('pictureBroken')}
      </p>
    );
  }
  return (
    <img
      className={styles.large}
      src={assetUrl}
      // Until the large one is there, the small one stands in its place; later it would shine through.
      style={thumbUrl === null || thumbUrl === assetUrl || !isShown(thumbUrl) ? {} : { backgroundImage: `url(${JSON.stringify(thumbUrl)})` }}
      width={width ?? undefined}
      height={height ?? undefined}
      alt={name}
      referrerPolicy="no-referrer"
      onLoad={(event) => event.currentTarget.style.removeProperty('background-image')}
      onError={() => setBroken(true)}
    />
  );
}
