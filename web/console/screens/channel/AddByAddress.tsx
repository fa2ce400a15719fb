import { Button, Group, TextInput } from '@mantine/core';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './AddByAddress.module.css';
import { MAX_ADDRESS, verdictOnAsset, verdictOnLink, type Attached } from './draft.ts';

/** Attaches a picture or video that is in the web already. */
export function AddByAddress({ onAdd, onClose }: { onAdd(attached: Attached): void; onClose(): void }) {
  const { t } = useTranslation('channel');
  const [attached, setAttached] = useState<Attached>({ assetUrl: '', title: '', titleLink: '' });
  const [tried, setTried] = useState(false);
  const asset = verdictOnAsset(attached.assetUrl);
  const link = verdictOnLink(attached.titleLink);
  const words = { notAnAddress: t('notAnAddress', { most: MAX_ADDRESS }), wrongType: t('fileType') };
  return (
    <form
      noValidate
      className={styles.form}
      aria-label={t('attachAddress')}
      onKeyDown={(event) => event.key === 'Escape' && onClose()}
      onSubmit={(event) => {
        event.preventDefault();
        setTried(true);
        if (asset === undefined && link === undefined) onAdd(attached);
      }}
    >
      <TextInput
        size="xs"
        label={t('address')}
        placeholder="https://"
        type="url"
        dir="ltr"
        data-autofocus
        autoFocus
        value={attached.assetUrl}
        error={tried && asset !== undefined && words[asset]}
        onChange={(event) => setAttached({ ...attached, assetUrl: event.currentTarget.value.trim() })}
      />
      <TextInput size="xs" label={t('caption')} dir="auto" value={attached.title} onChange={(event) => setAttached({ ...attached, title: event.currentTarget.value })} />
      <TextInput
        size="xs"
        label={t('titleLink')}
        placeholder="https://"
        type="url"
        dir="ltr"
        value={attached.titleLink}
        error={tried && link !== undefined && words[link]}
        onChange={(event) => setAttached({ ...attached, titleLink: event.currentTarget.value.trim() })}
      />
      <Group gap="xs" className={styles.buttons ?? ''}>
        <Button size="xs" type="submit" variant="default">
          {t('add')}
        </Button>
        <Button size="xs" variant="subtle" color="gray" c="inherit" onClick={onClose}>
          {t('cancel')}
        </Button>
      </Group>
    </form>
  );
}
