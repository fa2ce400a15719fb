import { useQuery } from '@apollo/client/react';
import { useDebouncedValue } from '@mantine/hooks';
import { useState, type KeyboardEvent, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { ChannelPeopleDocument, type PersonFragment } from './channel.generated.ts';
import { foldText } from '../../fold.ts';
import { nameOf } from '../../people.ts';
import type { Draft } from './draft.ts';
import styles from './Mentions.module.css';
import { Face, Name, PersonId } from './Person.tsx';

const LONGEST_TERM = 60;
const PATIENCE = 150;

/** The @ before the caret with what follows it, where one begins a word. */
function termBefore(text: string, caret: number): { at: number; term: string } | undefined {
  const at = text.lastIndexOf('@', caret - 1);
  if (at < 0 || caret - at > LONGEST_TERM || /[\p{L}\p{N}]/u.test(text[at - 1] ?? '')) return undefined;
  const term = text.slice(at + 1, caret);
  return /^\s|\n/.test(term) ? undefined : { at, term };
}

/** Offers people while one types an @ and a part of a name. */
export function useMentions(field: RefObject<HTMLTextAreaElement | null>, draft: Draft, onChange: (change: (draft: Draft) => Draft) => void, list: string) {
  const [place, setPlace] = useState<{ at: number; term: string }>();
  const [active, setActive] = useState(0);
  /** Where the list was closed with Escape; it stays so for that @. */
  const [closedAt, setClosedAt] = useState<number>();
  const [search] = useDebouncedValue(place?.term ?? '', PATIENCE);
  const { data, previousData } = useQuery(ChannelPeopleDocument, { variables: { search }, skip: place === undefined });
  const people = place === undefined ? [] : ((data ?? previousData)?.chatUsers?.nodes ?? []) as PersonFragment[];
  const shown = people.filter((person) => matches(person, place?.term ?? ''));
  const open = shown.length > 0 && place?.at !== closedAt;

  const pick = (person: PersonFragment | undefined) => {
    const element = field.current;
    if (person === undefined || place === undefined || element === null) return;
    const end = place.at + 1 + place.term.length;
    const mention = `@${nameOf(person)} `;
    const caret = place.at + mention.length;
    onChange((now) => ({
      ...now,
      text: now.text.slice(0, place.at) + mention + now.text.slice(end).replace(/^ /, ''),
      picked: [...now.picked.filter(({ id }) => id !== person.id), { id: person.id, name: person.name }],
    }));
    setPlace(undefined);
    requestAnimationFrame(() => {
      element.focus();
      element.setSelectionRange(caret, caret);
    });
  };

  return {
    open,
    active: Math.min(active, Math.max(shown.length - 1, 0)),
    people: shown,
    pick,
    choose: setActive,
    list,
    close: () => setPlace(undefined),
    /** Looks where the caret stands. */
    look: () => {
      const element = field.current;
      if (element === null) return;
      const next = element.selectionStart === element.selectionEnd ? termBefore(element.value, element.selectionStart) : undefined;
      if (next?.term !== place?.term) setActive(0);
      if (next?.at !== closedAt) setClosedAt(undefined);
      // A finished mention asks for nobody.
      const done = draft.picked.some((person) => next?.term.startsWith(`${nameOf(person)} `));
      setPlace(done ? undefined : next);
    },
    /** Says whether the key was meant for the list. */
    onKeyDown: (event: KeyboardEvent): boolean => {
      if (!open || event.ctrlKey || event.metaKey || event.nativeEvent.isComposing) return false;
      const at = Math.min(active, shown.length - 1);
      switch (event.key) {
        case 'ArrowDown':
          setActive((at + 1) % shown.length);
          break;
        case 'ArrowUp':
          setActive((at - 1 + shown.length) % shown.length);
          break;
        case 'Enter':
        case 'Tab':
          pick(shown[at]);
          break;
        case 'Escape':
          event.stopPropagation();
          setClosedAt(place?.at);
          break;
        default:
          return false;
      }
      event.preventDefault();
      return true;
    },
  };
}

const matches = ({ id, name }: PersonFragment, term: string) =>
  [id, name ?? ''].some((each) => foldText(each).includes(foldText(term.trim())));

export function MentionList({ mentions, id }: { mentions: ReturnType<typeof useMentions>; id: string }) {
  const { t } = useTranslation('channel');
  if (!mentions.open) return null;
  return (
    <ul id={id} className={styles.list} role="listbox" aria-label={t('mentionList')}>
      {mentions.people.map((person, at) => (
        <li
          key={person.id}
          id={`${id}-${at}`}
          role="option"
          aria-selected={at === mentions.active}
          className={styles.option}
          ref={at === mentions.active ? (element) => element?.scrollIntoView({ block: 'nearest' }) : undefined}
          onPointerMove={() => mentions.choose(at)}
          onPointerDown={(event) => {
            event.preventDefault();
            mentions.pick(person);
          }}
        >
          <Face person={person} />
          <Name person={person} />
          {person.name !== null && <PersonId person={person} />}
        </li>
      ))}
    </ul>
  );
}
