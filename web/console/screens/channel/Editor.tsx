import { ActionIcon, Button, Group, SegmentedControl, Text, Textarea } from '@mantine/core';
import { Link2, Paperclip } from 'lucide-react';
import { useId, useRef, useState, type ClipboardEvent, type KeyboardEvent, type ReactNode, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { AddByAddress } from './AddByAddress.tsx';
import { AttachedFiles } from './AttachedFiles.tsx';
import { nameOf } from '../../people.ts';
import type { PersonFragment } from './channel.generated.ts';
import { VIDEOS, isEmpty, lengthOf, MAX_ATTACHMENTS, MAX_MENTIONS, MAX_TEXT, MAX_TITLE, mentionedIn, obstacleOf, PICTURES, type Draft } from './draft.ts';
import styles from './Editor.module.css';
import { MentionList, useMentions } from './Mentions.tsx';
import { Preview } from './Preview.tsx';
import type { useUploads } from './useUploads.ts';

const COUNT_FROM = 4_000;

interface Props {
  draft: Draft;
  onChange(change: (draft: Draft) => Draft): void;
  onSubmit(): void;
  uploads: ReturnType<typeof useUploads>;
  label: string;
  /** Of the button that sends, e.g. "Send", and what says which keys do the same. */
  submit: string;
  keys: string;
  busy?: boolean;
  /** In whose name the preview shows it. */
  sender: Pick<PersonFragment, 'id' | 'name'>;
  field?: Ref<HTMLTextAreaElement>;
  /** To have the focus when a dialog with it opens. */
  first?: boolean;
  /** Beside the button that sends. */
  children?: ReactNode;
}

/** Writes a message: text with mentions, attachments, and how it will look. */
export function Editor({ draft, onChange, onSubmit, uploads, label, submit, keys, busy = false, sender, field, first = false, children }: Props) {
  const [preview, setPreview] = useState(false);
  const [byAddress, setByAddress] = useState(false);
  const own = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  const mentions = useMentions(own, draft, onChange, `${id}list`);
  const attach = (files: Iterable<File>) => uploads.add(files);

  const waiting = uploads.uploads.some(({ refused }) => refused === undefined);
  const refused = uploads.uploads.length > 0 && !waiting;
  const obstacle = obstacleOf(draft);
  const blocked = obstacle !== undefined || waiting || refused || isEmpty(draft) || busy;
  const trySubmit = () => {
    if (blocked) return;
    onSubmit();
    setPreview(false);
    requestAnimationFrame(() => own.current?.focus());
  };

  const onKeyDown = (event: KeyboardEvent) => {
    if (mentions.onKeyDown(event)) return;
    if (event.key === 'Enter' && (event.ctrlKey || event.metaKey)) {
      event.preventDefault();
      trySubmit();
    }
  };
  const onPaste = (event: ClipboardEvent) => {
    if (event.clipboardData.files.length === 0) return;
    event.preventDefault();
    attach(event.clipboardData.files);
  };

  return (
    <div className={styles.editor}>
      {preview ? (
        <Preview draft={draft} sender={sender} />
      ) : (
        <div className={styles.field}>
          <MentionList mentions={mentions} id={`${id}list`} />
          <Textarea
            ref={(element) => {
              own.current = element;
              if (typeof field === 'function') field(element);
              else if (field) field.current = element;
            }}
            classNames={{ input: styles.input ?? '' }}
            variant="unstyled"
            {...(first && { 'data-autofocus': true })}
            aria-label={label}
            placeholder={label}
            // Empty, it is the placeholder's language that counts.
            {...(draft.text !== '' && { dir: 'auto' })}
            autosize
            minRows={2}
            maxRows={10}
            value={draft.text}
            onChange={(event) => {
              const { value } = event.currentTarget;
              onChange((now) => ({ ...now, text: value }));
              mentions.look();
            }}
            onSelect={mentions.look}
            onBlur={mentions.close}
            onKeyDown={onKeyDown}
            onPaste={onPaste}
            aria-autocomplete="list"
            aria-haspopup="listbox"
            aria-controls={mentions.open ? `${id}list` : undefined}
            aria-activedescendant={mentions.open ? `${id}list-${mentions.active}` : undefined}
            aria-describedby={`${id}hint`}
          />
        </div>
      )}
      <AttachedFiles draft={draft} onChange={onChange} uploads={uploads} />
      {byAddress && (
        <AddByAddress
          onAdd={(attached) => {
            onChange((now) => ({ ...now, attachments: [...now.attachments, attached] }));
            setByAddress(false);
            own.current?.focus();
          }}
          onClose={() => {
            setByAddress(false);
            own.current?.focus();
          }}
        />
      )}
      <Hints draft={draft} waiting={waiting} refused={refused} />
      <div className={styles.bar}>
        <AttachAndView
          onFiles={(files) => {
            attach(files);
            own.current?.focus();
          }}
          byAddress={byAddress}
          onByAddress={setByAddress}
          preview={preview}
          onPreview={setPreview}
        />
        <Group gap="xs" wrap="nowrap">
          <Text id={`${id}hint`} c="dimmed" fz="xs" className={styles.hint ?? ''}>
            {keys}
          </Text>
          {children}
          <Button size="sm" onClick={trySubmit} loading={busy} aria-disabled={blocked} data-disabled={blocked}>
            {submit}
          </Button>
        </Group>
      </div>
    </div>
  );
}

interface BarProps {
  onFiles(files: File[]): void;
  byAddress: boolean;
  onByAddress(open: boolean): void;
  preview: boolean;
  onPreview(preview: boolean): void;
}

/** What can be attached, and whether one writes or looks. */
function AttachAndView({ onFiles, byAddress, onByAddress, preview, onPreview }: BarProps) {
  const { t } = useTranslation('channel');
  const picker = useRef<HTMLInputElement>(null);
  return (
    <Group gap={4} wrap="nowrap">
      <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={t('attach')} title={t('attach')} onClick={() => picker.current?.click()}>
        <Paperclip size={18} aria-hidden />
      </ActionIcon>
      <ActionIcon
        variant="subtle"
        color="gray"
        c="dimmed"
        size="lg"
        aria-label={t('attachAddress')}
        title={t('attachAddress')}
        aria-expanded={byAddress}
        onClick={() => onByAddress(!byAddress)}
      >
        <Link2 size={18} aria-hidden />
      </ActionIcon>
      <input
        ref={picker}
        type="file"
        hidden
        multiple
        accept={[...PICTURES, ...VIDEOS].map((extension) => `.${extension}`).join(',')}
        aria-label={t('attach')}
        onChange={(event) => {
          onFiles([...(event.currentTarget.files ?? [])]);
          event.currentTarget.value = '';
        }}
      />
      <SegmentedControl
        size="xs"
        transitionDuration={0}
        aria-label={t('view')}
        value={preview ? 'preview' : 'write'}
        onChange={(value) => onPreview(value === 'preview')}
        data={[
          { value: 'write', label: t('write') },
          { value: 'preview', label: t('preview') },
        ]}
      />
    </Group>
  );
}

/** What keeps it from being sent, or soon will; and who will be told. */
function Hints({ draft, waiting, refused }: { draft: Draft; waiting: boolean; refused: boolean }) {
  const { t } = useTranslation('channel');
  const obstacle = obstacleOf(draft);
  const length = lengthOf(draft.text);
  const people = mentionedIn(draft);
  const limits = {
    tooLong: t('tooLong', { most: MAX_TEXT, over: length - MAX_TEXT }),
    tooManyAttachments: t('tooManyAttachments', { most: MAX_ATTACHMENTS, are: draft.attachments.length }),
    tooManyMentions: t('tooManyMentions', { most: MAX_MENTIONS, are: people.length }),
    badTitle: t('badTitle', { most: MAX_TITLE }),
  };
  return (
    <div className={styles.hints}>
      <span role="status" className={styles.obstacle}>
        {obstacle === undefined ? refused ? t('removeRefused') : '' : limits[obstacle]}
      </span>
      {waiting && <span>{t('uploading')}</span>}
      {people.length > 0 && (
        <span>
          {t('willBeTold', { count: people.length })}{' '}
          {people.map((person, at) => (
            <span key={person.id}>
              {at > 0 && ' · '}
              <bdi>{visible(nameOf(person))}</bdi>
            </span>
          ))}
        </span>
      )}
      {length >= COUNT_FROM && (
        <span className={length > MAX_TEXT ? styles.obstacle : ''}>{t('characters', { are: length, most: MAX_TEXT })}</span>
      )}
    </div>
  );
}
