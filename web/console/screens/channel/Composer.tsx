import { Text } from '@mantine/core';
import { Upload } from 'lucide-react';
import { useEffect, useRef, useState, type DragEvent, type ReactNode, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import { useFoot } from '../../shell/useFoot.ts';
import { modifier } from '../../shell/modifier.ts';
import type { PersonFragment } from './channel.generated.ts';
import styles from './Composer.module.css';
import { attachedOf, EMPTY_DRAFT, type Draft } from './draft.ts';
import { Editor } from './Editor.tsx';
import { useUploads } from './useUploads.ts';

interface Props {
  draft: Draft;
  onChange(change: (draft: Draft) => Draft): void;
  onSend(draft: Draft): void;
  sender: Pick<PersonFragment, 'id' | 'name'>;
  frozen: boolean;
  /** Where it is written: files on their way are kept for it. */
  place: string;
  field: RefObject<HTMLTextAreaElement | null>;
  /** The messages above it: files may be dropped there too. */
  children: ReactNode;
}

/** Where a message is written, below the messages; files dropped on either are attached. */
export function Composer({ draft, onChange, onSend, sender, frozen, place, field, children }: Props) {
  const { t } = useTranslation('channel');
  const uploads = useUploads((file, uploaded) => onChange((now) => ({ ...now, attachments: [...now.attachments, attachedOf(file, uploaded)] })), place);
  const drop = useDrop(uploads.add);
  const foot = useRef<HTMLDivElement>(null);
  useFoot(foot);
  return (
    <div className={styles.composer} {...drop.handlers}>
      {children}
      <div ref={foot} className={styles.foot}>
      {frozen && (
        <Text fz="xs" c="dimmed" className={styles.note ?? ''}>
          {t('frozenNote')}
        </Text>
      )}
      <Editor
        draft={draft}
        onChange={onChange}
        onSubmit={() => {
          onSend(draft);
          onChange(() => EMPTY_DRAFT);
          field.current?.focus();
        }}
        uploads={uploads}
        label={t('compose')}
        submit={t('send')}
        keys={t('sendKeys', { key: modifier })}
        sender={sender}
        field={field}
      />
      </div>
      {drop.over && (
        <div className={styles.drop}>
          <Upload size={28} aria-hidden />
          {t('dropHere')}
        </div>
      )}
    </div>
  );
}

function useDrop(add: (files: Iterable<File>) => void) {
  const [over, setOver] = useState(false);
  const depth = useRef(0);
  const hasFiles = (event: DragEvent) => event.dataTransfer.types.includes('Files');
  // A file that misses its place would else take the page's.
  useEffect(() => {
    const ignore = (event: globalThis.DragEvent) => event.preventDefault();
    window.addEventListener('dragover', ignore);
    window.addEventListener('drop', ignore);
    return () => {
      window.removeEventListener('dragover', ignore);
      window.removeEventListener('drop', ignore);
    };
  }, []);
  return {
    over,
    handlers: {
      onDragEnter: (event: DragEvent) => {
        if (!hasFiles(event)) return;
        depth.current++;
        setOver(true);
      },
      onDragLeave: (event: DragEvent) => {
        if (hasFiles(event) && --depth.current <= 0) setOver(false);
      },
      onDrop: (event: DragEvent) => {
        depth.current = 0;
        setOver(false);
        if (!hasFiles(event)) return;
        event.preventDefault();
        add(event.dataTransfer.files);
      },
    },
  };
}
