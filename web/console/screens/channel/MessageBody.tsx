import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { nameOf, type Person } from '../../people.ts';
import { Attachments } from './Attachments.tsx';
import { Markdown } from './Markdown.tsx';
import styles from './Message.module.css';

/** What a message says, as customers see it too. */
export function MessageBody({ text, people, attachments }: {
  text: string;
  people: readonly Person[];
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
