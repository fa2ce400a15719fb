import { ActionIcon, Menu } from '@mantine/core';
import { Copy, MoreHorizontal, Pencil, Pin, PinOff, Trash2, UserRound } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { named } from '../../people.ts';
import type { PostFragment } from './channel.generated.ts';
import type { MessageActions } from './messageActions.ts';
import styles from './Message.module.css';

interface Props {
  post: PostFragment;
  actions: MessageActions;
  open: boolean;
  onChange(open: boolean): void;
  onAuthor(): void;
}

/** What can be done with a message. */
export function MessageMenu({ post, actions, open, onChange, onAuthor }: Props) {
  const { t } = useTranslation('channel');
  return (
    <Menu opened={open} onChange={onChange} position="bottom-end" portalProps={{ target: '#main' }} withInitialFocusPlaceholder={false} returnFocus={false}>
      <Menu.Target>
        <ActionIcon className={styles.more ?? ''} variant="default" size="md" tabIndex={-1} aria-label={t('menuOf', { name: named(post.sender) })}>
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
        <Menu.Item leftSection={<UserRound size={16} aria-hidden />} rightSection={<kbd className={styles.key}>A</kbd>} onClick={onAuthor}>
          {t('author')}
        </Menu.Item>
        <Menu.Divider />
        <Menu.Item c="var(--mantine-color-error)" leftSection={<Trash2 size={16} aria-hidden />} rightSection={<kbd className={styles.key}>Del</kbd>} onClick={() => actions.remove(post)}>
          {t('delete')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
