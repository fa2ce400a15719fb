import { Menu } from '@mantine/core';
import { Ban, Copy, Eye, MicOff } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useSupports } from '../../graphql/provider.ts';
import { visible } from '../../i18n/visible.ts';
import { nameOf } from '../../people.ts';
import type { PersonFragment } from './channel.generated.ts';
import styles from './Message.module.css';
import type { AuthorActions } from './messageActions.ts';

interface Props {
  person: PersonFragment;
  actions: AuthorActions;
  open: boolean;
  onChange(open: boolean): void;
}

/** The author's name, and what can be done about who it is. */
export function AuthorMenu({ person, actions, open, onChange }: Props) {
  const { t } = useTranslation('channel');
  const mutes = useSupports('MUTES');
  return (
    <Menu opened={open} onChange={onChange} position="bottom-start" returnFocus={false}>
      <Menu.Target>
        <button type="button" className={styles.author} tabIndex={-1} aria-label={t('authorMenu', { name: nameOf(person), id: person.id })}>
          <bdi className={styles.name} title={person.id}>
            {visible(nameOf(person))}
          </bdi>
        </button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <bdi>{visible(person.id)}</bdi>
        </Menu.Label>
        <Menu.Item leftSection={<Eye size={16} aria-hidden />} onClick={() => actions.see(person)}>
          {t('authorSee')}
        </Menu.Item>
        <Menu.Item leftSection={<Copy size={16} aria-hidden />} onClick={() => actions.copyId(person)}>
          {t('authorCopyId')}
        </Menu.Item>
        <Menu.Divider />
        {mutes && (
          <Menu.Item leftSection={<MicOff size={16} aria-hidden />} onClick={() => actions.restrict(person, 'mute', false)}>
            {t('muteHere')}
          </Menu.Item>
        )}
        <Menu.Item leftSection={<Ban size={16} aria-hidden />} onClick={() => actions.restrict(person, 'ban', false)}>
          {t('banHere')}
        </Menu.Item>
        {mutes && (
          <Menu.Item leftSection={<MicOff size={16} aria-hidden />} onClick={() => actions.restrict(person, 'mute', true)}>
            {t('muteEverywhere')}
          </Menu.Item>
        )}
        <Menu.Item c="var(--mantine-color-error)" leftSection={<Ban size={16} aria-hidden />} onClick={() => actions.restrict(person, 'ban', true)}>
          {t('banEverywhere')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}
