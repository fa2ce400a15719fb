import { Group, Kbd, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import styles from './Keys.module.css';
import { modifier } from './modifier.ts';

const KEYS = [
  { keys: [modifier, 'K'], does: 'keyPalette' },
  { keys: ['/'], does: 'keySearch' },
  { keys: [modifier, 'Z'], does: 'keyUndo' },
  { keys: ['?'], does: 'keyHelp' },
  { keys: ['Tab'], does: 'keySkip' },
  { keys: ['Esc'], does: 'keyEscape' },
] as const;

/** The keys that work on every screen. */
export function Keys({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation('shell');
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys')} closeButtonProps={{ 'aria-label': t('close') }}>
      <dl className={styles.keys}>
        {KEYS.map(({ keys, does }) => (
          <div key={does}>
            <dt>
              <Group gap={4} dir="ltr" wrap="nowrap">
                {keys.map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </Group>
            </dt>
            <dd>{t(does)}</dd>
          </div>
        ))}
      </dl>
    </Modal>
  );
}
