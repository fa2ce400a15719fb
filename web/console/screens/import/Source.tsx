import { Button, FileButton, Group, Stack, Text, Textarea } from '@mantine/core';
import { FileUp } from 'lucide-react';
import { useState, type DragEvent } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './Import.module.css';

const LARGE = 100_000; // characters; more than that is shown as a preview at once
const SAMPLE = 'id,name,role\nanna,Anna Berg,moderator\nben,Ben Okafor,\nchiara,"Russo, Chiara",user\n';

interface Props {
  text: string;
  onText(text: string): void;
  /** What is being done; nothing else can be begun meanwhile. */
  busy: string | undefined;
  problem: string | undefined;
  onProblem(problem: string | undefined): void;
  onPreview(list: Blob): void;
}

/** Takes a list: a file, dropped or chosen, or pasted text. */
export function Source({ text, onText, busy, problem, onProblem, onPreview }: Props) {
  const { t } = useTranslation('userImport');
  const [over, setOver] = useState(false);

  const take = (file: File | null | undefined) => {
    if (file != null) onPreview(file);
  };
  const read = (pasted: string) => onPreview(new Blob([pasted]));
  const drop = (event: DragEvent) => {
    event.preventDefault();
    setOver(false);
    take(event.dataTransfer.files[0]);
  };

  return (
    <Stack maw="46rem" gap="md">
      <Text>{t('lead')}</Text>
      <div
        className={styles.drop}
        data-over={over || undefined}
        onDragOver={(event) => {
          event.preventDefault();
          setOver(true);
        }}
        onDragLeave={() => setOver(false)}
        onDrop={drop}
      >
        <FileUp size={28} strokeWidth={1.5} aria-hidden />
        <Text c="dimmed">{t('drop')}</Text>
        <FileButton accept=".csv,.tsv,.txt,.json,text/csv,text/plain,application/json" onChange={take} inputProps={{ 'aria-label': t('chooseFile') }}>
          {(props) => (
            <Button {...props} variant="default" disabled={busy !== undefined}>
              {t('chooseFile')}
            </Button>
          )}
        </FileButton>
      </div>
      <Textarea
        label={t('orPaste')}
        description={t('pasteHint')}
        rows={8}
        dir="auto"
        spellCheck={false}
        autoComplete="off"
        value={text}
        onChange={(event) => {
          onText(event.currentTarget.value);
          onProblem(undefined);
        }}
        onPaste={(event) => {
          const pasted = event.clipboardData.getData('text/plain');
          if (pasted.length <= LARGE) return;
          event.preventDefault();
          read(pasted);
        }}
        onKeyDown={(event) => {
          if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) read(text);
        }}
        error={problem === undefined ? undefined : <span role="alert">{problem}</span>}
        classNames={{ input: styles.paste ?? '' }}
      />
      <Group>
        <Button onClick={() => read(text)} loading={busy !== undefined} disabled={text.trim() === ''}>
          {t('preview')}
        </Button>
        {text === '' && (
          <Button variant="subtle" onClick={() => onText(SAMPLE)}>
            {t('sample')}
          </Button>
        )}
        <Text span c="dimmed" role="status">
          {busy}
        </Text>
      </Group>
    </Stack>
  );
}
