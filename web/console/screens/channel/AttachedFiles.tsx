import { ActionIcon, Alert, Button, Group, Progress, Text, TextInput } from '@mantine/core';
import { FileVideo, Image as ImageIcon, RotateCw, X } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { visible } from '../../i18n/visible.ts';
import { isPicture, MAX_ADDRESS, verdictOnLink, type Attached, type Draft } from './draft.ts';
import { isShown, smallOf } from '../../media/pictures.ts';
import styles from './AttachedFiles.module.css';
import { useRefusalInWords, type UploadRefused } from '../../media/refusal.ts';
import type { Upload, useUploads } from './useUploads.ts';

/** What the message carries, with a title and a link for each, and what is still being uploaded. */
export function AttachedFiles({ draft, onChange, uploads }: { draft: Draft; onChange(change: (draft: Draft) => Draft): void; uploads: ReturnType<typeof useUploads> }) {
  const { t } = useTranslation('channel');
  if (draft.attachments.length === 0 && uploads.uploads.length === 0) return null;
  const change = (at: number, by: Partial<Attached>) =>
    onChange((now) => ({ ...now, attachments: now.attachments.map((each, index) => (index === at ? { ...each, ...by } : each)) }));
  return (
    <ul className={styles.list} aria-label={t('attachments')}>
      {draft.attachments.map((attached, at) => (
        <li key={`${attached.assetUrl} ${at}`} className={styles.item}>
          <span className={styles.thumb}>
            {isPicture(attached.assetUrl) && isShown(attached.thumbUrl ?? attached.assetUrl) ? <img src={smallOf(attached.thumbUrl ?? attached.assetUrl)} alt="" loading="lazy" referrerPolicy="no-referrer" /> : isPicture(attached.assetUrl) ? <ImageIcon size={22} aria-hidden /> : <FileVideo size={22} aria-hidden />}
          </span>
          <span className={styles.fields}>
            <TextInput
              size="xs"
              aria-label={t('attachmentTitle', { at: at + 1 })}
              placeholder={t('caption')}
              dir="auto"
              value={attached.title}
              onChange={(event) => change(at, { title: event.currentTarget.value })}
            />
            <TextInput
              size="xs"
              aria-label={t('attachmentLink', { at: at + 1 })}
              placeholder={t('titleLink')}
              type="url"
              dir="ltr"
              value={attached.titleLink}
              error={verdictOnLink(attached.titleLink) !== undefined && t('notAnAddress', { most: MAX_ADDRESS })}
              onChange={(event) => change(at, { titleLink: event.currentTarget.value.trim() })}
            />
          </span>
          <ActionIcon
            variant="subtle"
            color="gray"
            c="dimmed"
            aria-label={t('removeAttachment', { at: at + 1 })}
            onClick={() => onChange((now) => ({ ...now, attachments: now.attachments.filter((_, index) => index !== at) }))}
          >
            <X size={16} aria-hidden />
          </ActionIcon>
        </li>
      ))}
      {uploads.uploads.map((each) => (
        <UploadRow key={each.id} upload={each} onRemove={() => uploads.remove(each.id)} onAgain={() => uploads.again(each.id)} />
      ))}
    </ul>
  );
}

function UploadRow({ upload, onRemove, onAgain }: { upload: Upload; onRemove(): void; onAgain(): void }) {
  const { t } = useTranslation('channel');
  const verdict = useVerdict();
  const { name, size, progress, refused } = upload;
  if (refused !== undefined) {
    const worthAgain = !['FILE_TYPE_NOT_SUPPORTED', 'INVALID_ARGUMENTS', 'MISSING', 'INTERRUPTED'].includes(refused.code);
    return (
      <li className={styles.wide}>
        <Alert color="red" variant="light" p="xs" title={<bdi>{visible(name)}</bdi>} withCloseButton closeButtonLabel={t('removeFile', { name })} onClose={onRemove}>
          <Group justify="space-between" gap="xs">
            <Text fz="sm">{verdict(refused)}</Text>
            {worthAgain && (
              <Button size="compact-xs" variant="default" leftSection={<RotateCw size={12} aria-hidden />} onClick={onAgain}>
                {t('uploadAgain')}
              </Button>
            )}
          </Group>
        </Alert>
      </li>
    );
  }
  return (
    <li className={styles.item}>
      <span className={styles.fields}>
        <Text fz="sm" truncate>
          <bdi>{visible(name)}</bdi>{' '}
          <Text component="span" c="dimmed" fz="xs">
            {t('size', { mb: Math.max(Math.round(size / 1e5) / 10, 0.1) })}
          </Text>
        </Text>
        <Progress value={progress * 100} size="sm" aria-label={t('uploadOf', { name })} />
        <Text fz="xs" c="dimmed">
          {progress < 1 ? t('uploadingFile') : t('checkingFile')}
        </Text>
      </span>
      <ActionIcon variant="subtle" color="gray" c="dimmed" aria-label={t('removeFile', { name })} onClick={onRemove}>
        <X size={16} aria-hidden />
      </ActionIcon>
    </li>
  );
}

/** Why a file was not taken, in words. */
function useVerdict(): (refused: UploadRefused) => string {
  const { t } = useTranslation('channel');
  const inWords = useRefusalInWords();
  return (refused) => {
    switch (refused.code) {
      case 'FILE_TYPE_NOT_SUPPORTED':
        return t('fileType');
      case 'INTERRUPTED':
        return t('uploadInterrupted');
      case 'MISSING':
        return t('noUploads');
    }
    return inWords(refused);
  };
}
