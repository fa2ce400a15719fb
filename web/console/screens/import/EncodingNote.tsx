import { Alert, Select } from '@mantine/core';
import { Languages } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { encoding as encodings } from './en.ts';
import styles from './Import.module.css';
import type { List } from './read.ts';

/** Says how a list was read where that may be wrong, and has it read otherwise. */
export function EncodingNote({ list: { encoding, guessed, example, encodings: known }, busy, onChoose }: { list: List; busy: boolean; onChoose(encoding: string): void }) {
  const { t } = useTranslation('userImport');
  const { t: tEncoding } = useTranslation('encoding');
  const inWords = (name: string) => (Object.hasOwn(encodings, name) ? tEncoding(name as keyof typeof encodings) : name);
  return (
    <Alert variant="light" color={guessed ? 'yellow' : 'gray'} mb="sm" icon={<Languages size={18} aria-hidden />} title={guessed ? t('guessedTitle') : undefined} classNames={{ title: styles.question ?? '' }}>
      <div className={styles.encoding}>
        <span role="status">
          {guessed ? t('guessed', { encoding: inWords(encoding), line: example?.line ?? 0, name: example?.name ?? '' }) : t('chosen', { encoding: inWords(encoding) })}
        </span>
        <Select
          label={t('readAs')}
          data={known.map((value) => ({ value, label: inWords(value) }))}
          value={encoding}
          onChange={(value) => value !== null && value !== encoding && onChoose(value)}
          allowDeselect={false}
          disabled={busy}
          searchable
          w="19rem"
          maw="100%"
        />
      </div>
    </Alert>
  );
}
