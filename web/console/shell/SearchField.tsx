import { CloseButton, TextInput } from '@mantine/core';
import { Search } from 'lucide-react';
import type { KeyboardEvent } from 'react';

import styles from './SearchField.module.css';

interface Props {
  label: string;
  clearLabel: string;
  text: string;
  onText(text: string): void;
  onKeyDown?: (event: KeyboardEvent) => void;
}

/** The field that `/` goes to: finds as one types. */
export function SearchField({ label, clearLabel, text, onText, onKeyDown }: Props) {
  return (
    <TextInput
      type="search"
      className={styles.search ?? ''}
      placeholder={label}
      aria-label={label}
      dir="auto"
      data-search
      leftSection={<Search size={16} aria-hidden />}
      rightSection={text !== '' && <CloseButton size="sm" aria-label={clearLabel} onClick={() => onText('')} />}
      value={text}
      onChange={(event) => onText(event.currentTarget.value)}
      {...(onKeyDown !== undefined && { onKeyDown })}
    />
  );
}
