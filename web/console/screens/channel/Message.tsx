import { ActionIcon, Badge, Menu } from '@mantine/core';
import { Copy, MoreHorizontal, Pencil, Pin, PinOff, Trash2 } from 'lucide-react';
import { memo, useState, type CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { visible, withoutHidden } from '../../i18n/visible.ts';
import { Attachments } from './Attachments.tsx';
import type { PersonFragment, PostFragment } from './channel.generated.ts';
import { nameOf } from './draft.ts';
import { Markdown } from './Markdown.tsx';
import styles from './Message.module.css';

/** What can be done with a message. */
export interface MessageActions {
  edit(post: PostFragment): void;
  pin(post: PostFragment): void;
  remove(post: PostFragment): void;
  copy(post: PostFragment): void;
}

interface Props {
  post: PostFragment;
  /** Of the same sender as the one before it, shortly after. */
  follows: boolean;
  /** That a day begins with it. */
  day: string | undefined;
  actions: MessageActions;
  /** Whether the keys go to it. */
  active: boolean;
  menu: boolean;
  onMenu(id: string, open: boolean): void;
}

// Hundreds of rows scroll by: a menu is made where one comes near it. A finger
// comes near nothing before it is there.
const TOUCHED = matchMedia('(hover: none)').matches;

export const Message = memo(function Message({ post, follows, day, actions, active, menu, onMenu }: Props) {
  const { t } = useTranslation('channel');
  const { time, moment } = useFormats();
  const [near, setNear] = useState(TOUCHED);
  const sent = new Date(post.createdAt);
  const deleted = post.deletedAt !== null;
  const headed = !follows || day !== undefined;
  return (
    <>
      {day !== undefined && <h2 className={styles.day}>{day}</h2>}
      <div className={`${styles.message} ${headed ? styles.headed : ''} ${post.pinnedAt === null ? '' : styles.pinned}`} data-message={post.id} onPointerEnter={() => setNear(true)}>
        {headed && <Face person={post.sender} />}
        <div className={styles.body}>
          {headed && (
            <div className={styles.head}>
              <Name person={post.sender} />
              <time dateTime={post.createdAt} title={moment.format(sent)}>
                {time.format(sent)}
              </time>
            </div>
          )}
          {deleted ? (
            <p className={styles.gone}>{t('deletedMessage')}</p>
          ) : (
            <MessageBody text={post.text} people={post.mentionedUsers} attachments={post.attachments} />
          )}
          <Marks post={post} />
        </div>
        {!headed && (
          <time className={styles.side} dateTime={post.createdAt} title={moment.format(sent)}>
            {time.format(sent)}
          </time>
        )}
        {!deleted &&
          (active || near ? (
            <MessageMenu post={post} actions={actions} open={menu} onChange={(open) => onMenu(post.id, open)} />
          ) : (
            <button
              type="button"
              className={`${styles.more} ${styles.plain}`}
              tabIndex={-1}
              aria-label={t('menuOf', { name: nameOf(post.sender) })}
              aria-haspopup="menu"
              onClick={() => {
                setNear(true);
                setTimeout(() => onMenu(post.id, true));
              }}
            >
              <MoreHorizontal size={16} aria-hidden />
            </button>
          ))}
      </div>
    </>
  );
});

/** What a message says, as customers see it too. */
export function MessageBody({ text, people, attachments }: {
  text: string;
  people: readonly Pick<PersonFragment, 'id' | 'name'>[];
  attachments: Parameters<typeof Attachments>[0]['attachments'];
}) {
  const { t } = useTranslation('channel');
  const labels = people.flatMap((person) => [nameOf(person), person.id]);
  const unnamed = people.filter((person) => !text.includes(`@${nameOf(person)}`) && !text.includes(`@${person.id}`));
  return (
    <>
      {text !== '' && <Markdown text={text} labels={labels} />}
      {unnamed.length > 0 && (
        <p className={styles.unnamed}>
          {t('mentions')}{' '}
          {unnamed.map((person) => (
            <bdi key={person.id} data-mention>
              @{visible(nameOf(person))}{' '}
            </bdi>
          ))}
        </p>
      )}
      <Attachments attachments={attachments} />
    </>
  );
}

/** The first letters of a name on a colour of its own; of our own, since each row has one and Mantine's costs as much as the row. */
export function Face({ person }: { person: Pick<PersonFragment, 'id' | 'name'> }) {
  const words = withoutHidden(nameOf(person)).split(/[^\p{L}\p{N}\p{Emoji_Presentation}]+/u).filter(Boolean);
  const letters = [words[0], words.length > 1 ? words.at(-1) : undefined].map((word) => [...(word ?? '')][0] ?? '').join('');
  let hue = 0;
  for (const letter of person.id) hue = (hue * 31 + (letter.codePointAt(0) ?? 0)) % 360;
  return (
    <span className={styles.face} style={{ '--hue': hue } as CSSProperties} aria-hidden>
      {letters.toUpperCase()}
    </span>
  );
}

export function Name({ person }: { person: Pick<PersonFragment, 'id' | 'name'> & { role?: PersonFragment['role'] } }) {
  const { t } = useTranslation('channel');
  return (
    <>
      <bdi className={styles.name} title={person.id}>
        {visible(nameOf(person))}
      </bdi>
      {person.role !== undefined && person.role !== 'USER' && (
        <Badge size="xs" variant="light" color={person.role === 'ADMIN' ? 'grape' : 'sea'} className={styles.role ?? ''}>
          {t(`role${person.role}`)}
        </Badge>
      )}
    </>
  );
}

export function PersonId({ person }: { person: Pick<PersonFragment, 'id'> }) {
  return <bdi className={styles.id}>{person.id}</bdi>;
}

function Marks({ post }: { post: PostFragment }) {
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

function MessageMenu({ post, actions, open, onChange }: { post: PostFragment; actions: MessageActions; open: boolean; onChange(open: boolean): void }) {
  const { t } = useTranslation('channel');
  return (
    <Menu opened={open} onChange={onChange} position="bottom-end" portalProps={{ target: '#main' }} withInitialFocusPlaceholder={false} returnFocus={false}>
      <Menu.Target>
        <ActionIcon className={styles.more ?? ''} variant="default" size="md" tabIndex={-1} aria-label={t('menuOf', { name: nameOf(post.sender) })}>
          <MoreHorizontal size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Item leftSection={<Pencil size={16} aria-hidden />} rightSection={<kbd className={styles.key}>E</kbd>} onClick={() => actions.edit(post)}>
          {t('edit')}
        </Menu.Item>
        <Menu.Item
          leftSection={post.pinnedAt === null ? <Pin size={16} aria-hidden /> : <PinOff size={16} aria-hidden />}
          rightSection={<kbd className={styles.key}>P</kbd>}
          onClick={() => actions.pin(post)}
        >
          {post.pinnedAt === null ? t('pin') : t('unpin')}
        </Menu.Item>
        <Menu.Item leftSection={<Copy size={16} aria-hidden />} onClick={() => actions.copy(post)}>
          {t('copyText')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} rightSection={<kbd className={styles.key}>Del</kbd>} onClick={() => actions.remove(post)}>
          {t('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
