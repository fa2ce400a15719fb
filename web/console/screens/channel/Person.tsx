import { Badge } from '@mantine/core';
import type { CSSProperties } from 'react';
import { useTranslation } from 'react-i18next';

import { visible, withoutHidden } from '../../i18n/visible.ts';
import { nameOf, type Person } from '../../people.ts';
import type { PersonFragment } from './channel.generated.ts';
import styles from './Message.module.css';

/** The first letters of a name on a colour of its own; of our own, since each row has one and Mantine's costs as much as the row. */
export function Face({ person }: { person: Person }) {
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

export function Name({ person }: { person: Person & { role?: PersonFragment['role'] } }) {
  return (
    <>
      <bdi className={styles.name} title={person.id}>
        {visible(nameOf(person))}
      </bdi>
      <RoleMark role={person.role} />
    </>
  );
}

/** That somebody is more than a plain user. */
export function RoleMark({ role }: { role: PersonFragment['role'] | undefined }) {
  const { t } = useTranslation('channel');
  if (role === undefined || role === 'USER') return null;
  return (
    <Badge size="xs" variant="light" color={role === 'ADMIN' ? 'grape' : 'sea'} className={styles.role ?? ''}>
      {t(`role${role}`)}
    </Badge>
  );
}

export function PersonId({ person }: { person: Pick<Person, 'id'> }) {
  return <bdi className={styles.id}>{person.id}</bdi>;
}
