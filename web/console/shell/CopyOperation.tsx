import { ActionIcon, CopyButton, Group, Modal, SegmentedControl, Select, Text } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';

import styles from './CopyOperation.module.css';
import { asCurl, asGo, asGraphQL, nameOf, type Operation } from './snippet.ts';

const FORMATS = { GraphQL: asGraphQL, curl: asCurl, Go: asGo } as const;
type Format = keyof typeof FORMATS;

/** Shows what a screen asks the server, to be copied as GraphQL, for curl, or as a Go program. */
export function CopyOperation({ operations, onClose }: { operations: readonly Operation[]; onClose(): void }) {
  const { t } = useTranslation('shell');
  const [format, setFormat] = useState<Format>('GraphQL');
  const [at, setAt] = useState(0);
  const operation = operations[at] ?? operations[0];
  if (operation === undefined) return null;
  const text = FORMATS[format](operation, new URL('/graphql', location.href).href);

  return (
    <Modal opened onClose={onClose} size="lg" title={t('copyTitle')} closeButtonProps={{ 'aria-label': t('close') }}>
      <Group gap="xs">
        {operations.length > 1 && (
          <Select
            flex="1 1 14rem"
            size="xs"
            aria-label={t('operation')}
            data={operations.map(({ document }, index) => ({ value: String(index), label: nameOf(document) }))}
            value={String(operations.indexOf(operation))}
            onChange={(value) => setAt(Number(value))}
            allowDeselect={false}
            comboboxProps={{ withinPortal: false }}
          />
        )}
        <SegmentedControl
          size="xs"
          data={Object.keys(FORMATS)}
          value={format}
          onChange={(value) => setFormat(value as Format)}
          aria-label={t('copyAs')}
        />
      </Group>
      <div className={styles.box}>
        <pre className={styles.code} dir="ltr" tabIndex={0} aria-label={t('copyTitle')}>
          {text}
        </pre>
        <CopyButton value={text}>
          {({ copied, copy }) => (
            <ActionIcon className={styles.copy ?? ''} variant="default" size="lg" onClick={copy} aria-label={copied ? t('copied') : t('copy')}>
              {copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />}
            </ActionIcon>
          )}
        </CopyButton>
      </div>
      <Text fz="xs" c="dimmed" mt="xs">
        {t('copyLead')}
      </Text>
    </Modal>
  );
}
