import { MoreHorizontal } from 'lucide-react';
import { memo, useState } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { named } from '../../people.ts';
import { AuthorMenu } from './AuthorMenu.tsx';
import type { PostFragment } from './channel.generated.ts';
import { Marks } from './Marks.tsx';
import styles from './Message.module.css';
import type { MessageActions, OpenMenu } from './messageActions.ts';
import { MessageBody } from './MessageBody.tsx';
import { MessageMenu } from './MessageMenu.tsx';
import { Face, Name, PersonId, RoleMark } from './Person.tsx';

interface Props {
  post: PostFragment;
  /** Of the same sender as the one before it, shortly after. */
  follows: boolean;
  /** That a day begins with it. */
  day: string | undefined;
  /** Whether another author has the same name: then the id tells them apart. */
  alike: boolean;
  actions: MessageActions;
  /** Whether the keys go to it. */
  active: boolean;
  menu: OpenMenu;
  onMenu(id: string, menu: OpenMenu): void;
}

// Hundreds of rows scroll by: a menu is made where one comes near it. A finger
// comes near nothing before it is there.
const TOUCHED = matchMedia('(hover: none)').matches;

export const Message = memo(function Message({ post, follows, day, alike, actions, active, menu, onMenu }: Props) {
  const { t } = useTranslation('channel');
  const { time, moment } = useFormats();
  const [entered, setNear] = useState(TOUCHED);
  const near = active || entered;
  const sent = new Date(post.createdAt);
  const deleted = post.deletedAt !== null;
  const headed = !follows || day !== undefined || menu === 'author';
  const when = (className?: string) => (
    <time className={className} dateTime={post.createdAt} title={moment.format(sent)}>
      {time.format(sent)}
    </time>
  );
  return (
    <>
      {day !== undefined && <h2 className={styles.day}>{day}</h2>}
      <div className={`${styles.message} ${headed ? styles.headed : ''} ${post.pinnedAt === null ? '' : styles.pinned}`} data-message={post.id} onPointerEnter={() => setNear(true)}>
        {headed && <Face person={post.sender} />}
        <div className={styles.body}>
          {headed && (
            <div className={styles.head}>
              {near ? (
                <>
                  <AuthorMenu person={post.sender} actions={actions} open={menu === 'author'} onChange={(open) => onMenu(post.id, open ? 'author' : undefined)} />
                  <RoleMark role={post.sender.role} />
                </>
              ) : (
                <Name person={post.sender} />
              )}
              {alike && <PersonId person={post.sender} />}
              {when()}
            </div>
          )}
          {deleted ? (
            <p className={styles.gone}>{t('deletedMessage')}</p>
          ) : (
            <MessageBody text={post.text} people={post.mentionedUsers} attachments={post.attachments} />
          )}
          <Marks post={post} />
        </div>
        {!headed && when(styles.side)}
        {!deleted &&
          (near ? (
            <MessageMenu
              post={post}
              actions={actions}
              open={menu === 'message'}
              onChange={(open) => onMenu(post.id, open ? 'message' : undefined)}
              onAuthor={() => setTimeout(() => onMenu(post.id, 'author'))}
            />
          ) : (
            <button
              type="button"
              className={`${styles.more} ${styles.plain}`}
              tabIndex={-1}
              aria-label={t('menuOf', { name: named(post.sender) })}
              aria-haspopup="menu"
              onClick={() => {
                setNear(true);
                setTimeout(() => onMenu(post.id, 'message'));
              }}
            >
              <MoreHorizontal size={16} aria-hidden />
            </button>
          ))}
      </div>
    </>
  );
});
