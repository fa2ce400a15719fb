import { Pin } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import type { PostFragment } from './channel.generated.ts';
import styles from './Message.module.css';

/** What was done to a message: pinned, edited, reacted to. */
export function Marks({ post }: { post: PostFragment }) {
  const { t } = useTranslation('channel');
  const { number, moment } = useFormats();
  const edited = post.editedAt !== null && post.deletedAt === null;
  if (!edited && post.pinnedAt === null && post.reactions.length === 0) return null;
  return (
    <div className={styles.marks}>
      {post.pinnedAt !== null && (
        <span className={styles.mark} title={moment.format(new Date(post.pinnedAt))}>
          <Pin size={12} aria-hidden />
          {t('pinned')}
        </span>
      )}
      {edited && (
        <span className={styles.mark} title={moment.format(new Date(post.editedAt ?? ''))}>
          {t('edited')}
        </span>
      )}
      {post.reactions.map(({ type, count }) => (
        <span key={type} className={styles.reaction} title={t('reaction', { count, type })}>
          <span aria-hidden>{EMOJI[type] ?? <bdi>{visible(type)}</bdi>}</span>
          <span aria-hidden>{number.format(count)}</span>
          <span className={styles.hidden}>{t('reaction', { count, type })}</span>
        </span>
      ))}
    </div>
  );
}

// The words that chat apps use most; the rest is shown as the word itself.
const EMOJI: Record<string, string> = {
  like: '👍', thumbsup: '👍', '+1': '👍', dislike: '👎', thumbsdown: '👎', '-1': '👎', love: '❤️', heart: '❤️', haha: '😂', laugh: '😂',
  wow: '😮', sad: '😢', angry: '😠', fire: '🔥', clap: '👏', party: '🎉', tada: '🎉', eyes: '👀', pray: '🙏',
};
