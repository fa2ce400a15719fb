import { Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import type { PersonFragment } from './channel.generated.ts';
import { isEmpty, mentionedIn, type Draft } from './draft.ts';
import { MessageBody } from './MessageBody.tsx';
import { Face, Name } from './Person.tsx';
import { shownOf } from './OutgoingMessage.tsx';
import styles from './Preview.module.css';

/** The message in the width of a telephone, with what a customer gets to see. */
export function Preview({ draft, sender }: { draft: Draft; sender: Pick<PersonFragment, 'id' | 'name'> }) {
  return <Seen sender={sender} text={draft.text} people={mentionedIn(draft)} attachments={shownOf(draft)} empty={isEmpty(draft)} />;
}

/** The same of what the server has. */
export function Seen({ sender, empty = false, ...body }: Parameters<typeof MessageBody>[0] & { sender: Pick<PersonFragment, 'id' | 'name'>; empty?: boolean }) {
  const { t } = useTranslation('channel');
  return (
    <div role="group" className={styles.preview} aria-label={t('previewOf')} tabIndex={0}>
      <div className={styles.phone}>
        <Face person={sender} />
        <div className={styles.bubble}>
          <Name person={sender} />
          {empty ? <Text c="dimmed">{t('nothingYet')}</Text> : <MessageBody {...body} />}
        </div>
      </div>
    </div>
  );
}
