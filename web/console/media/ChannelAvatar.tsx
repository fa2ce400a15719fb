import { useState } from 'react';

import { isShown, smallOf } from './pictures.ts';
import styles from './ChannelAvatar.module.css';

interface Props {
  src: string | null;
  name: string;
}

/**
 * A channel's picture, or the first letters of its name where there is none or it
 * can't be had. Plain elements, since a long list draws many of them a second.
 */
export function ChannelAvatar({ src, name }: Props) {
  const [broken, setBroken] = useState<readonly string[]>([]);
  const shown = src === null || !isShown(src) ? undefined : [smallOf(src), src].find((each) => !broken.includes(each));
  return (
    <span className={styles.avatar} aria-hidden>
      {shown !== undefined ? (
        <img src={shown} alt="" loading="lazy" decoding="async" onError={() => setBroken([...broken, shown])} />
      ) : (
        <bdi>{initials(name)}</bdi>
      )}
    </span>
  );
}

/** The first letter of the first two words; an emoji stays whole. */
function initials(name: string): string {
  const words = name.split(/[^\p{L}\p{N}\p{Emoji_Presentation}]+/u).filter((word) => word !== '');
  return words
    .slice(0, 2)
    .map((word) => String.fromCodePoint(word.codePointAt(0) ?? 0x23).toUpperCase())
    .join('');
}
