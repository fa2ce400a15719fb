import { Group, Kbd, Modal } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import styles from './Keys.module.css';
import { modifier } from './modifier.ts';

const KEYS = [
  {
    place: 'keysEverywhere',
    keys: [
      { keys: [modifier, 'K'], does: 'keyPalette' },
      { keys: ['/'], does: 'keySearch' },
      { keys: [modifier, 'Z'], does: 'keyUndo' },
      { keys: ['?'], does: 'keyHelp' },
      { keys: ['Tab'], does: 'keySkip' },
      { keys: ['Esc'], does: 'keyEscape' },
    ],
  },
  {
    place: 'keysList',
    keys: [
      { keys: ['↑', '↓'], does: 'keyRow' },
      { keys: ['Space'], does: 'keySelect' },
      { keys: ['Shift', '↓'], does: 'keyRange' },
      { keys: [modifier, 'A'], does: 'keyAll' },
      { keys: ['Enter'], does: 'keyOpen' },
      { keys: ['E'], does: 'keyEdit' },
      { keys: ['Del'], does: 'keyDelete' },
      { keys: ['N'], does: 'keyNew' },
    ],
  },
  {
    place: 'keysChannel',
    keys: [
      { keys: ['C'], does: 'keyWrite' },
      { keys: [modifier, 'Enter'], does: 'keySend' },
      { keys: ['↑', '↓'], does: 'keyMessage' },
      { keys: ['Enter'], does: 'keyMenu' },
      { keys: ['E'], does: 'keyEdit' },
      { keys: ['P'], does: 'keyPin' },
      { keys: ['Del'], does: 'keyDelete' },
    ],
  },
] as const;

/** What the keys do: on every screen, in the list of channels, in a channel. */
export function Keys({ opened, onClose }: { opened: boolean; onClose(): void }) {
  const { t } = useTranslation('shell');
  return (
    <Modal opened={opened} onClose={onClose} title={t('keys')} size="min(62rem, 94vw)" closeButtonProps={{ 'aria-label': t('close') }}>
      <div className={styles.places}>
        {KEYS.map(({ place, keys }) => (
          <section key={place} aria-labelledby={place}>
            <h3 id={place} className={styles.place}>
              {t(place)}
            </h3>
            <dl className={styles.keys}>
              {keys.map(({ keys, does }) => (
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
          </section>
        ))}
      </div>
    </Modal>
  );
}
