import { Group, Skeleton, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { useEffect, useRef, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { currentLanguage, directionOf } from '../i18n/language.ts';
import { within } from '../i18n/visible.ts';
import { CopyOperation } from './CopyOperation.tsx';
import styles from './Screen.module.css';
import type { Operation } from './snippet.ts';

interface Props {
  title: string;
  /** Before the title. */
  icon?: ReactNode;
  /** Beside the title, e.g. how many there are. */
  note?: ReactNode;
  /** Buttons, at the end of the title's row. */
  actions?: ReactNode;
  /** What the screen asks the server, to be copied. */
  operations: readonly Operation[];
  /** Let the content scroll within itself, not with the page: for long lists. */
  fill?: boolean;
  /** For text: no wider than one reads well. */
  reading?: boolean;
  children: ReactNode;
}

/** A screen: the title, which takes the focus when one comes here, what can be done, the content. */
export function Screen({ title, icon, note, actions, operations, fill = false, reading = false, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${within(title, directionOf(currentLanguage()))} · Backchannel`;
  }, [title]);
  useEffect(() => {
    heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={`${styles.screen} ${fill ? styles.fill : ''} ${reading ? styles.reading : ''}`}>
      <div className={styles.head}>
        <div className={styles.named}>
          {icon}
          <div className={styles.about}>
            <Title order={1} fz="1.25rem" ref={heading} tabIndex={-1} className={styles.title ?? ''}>
              <bdi>{title}</bdi>
            </Title>
            {note !== undefined && (
              <Text component="span" c="dimmed" fz="sm" className={styles.note ?? ''} role="status">
                {note}
              </Text>
            )}
          </div>
        </div>
        <Group gap="xs">
          <CopyOperation operations={operations} />
          {actions}
        </Group>
      </div>
      {children}
    </div>
  );
}

/** The grey shape of a screen that is on its way. */
export function Loading() {
  const { t } = useTranslation('shell');
  return (
    <div className={styles.screen} aria-busy>
      <VisuallyHidden role="status">{t('loading')}</VisuallyHidden>
      <Skeleton height="1.75rem" width="11rem" my="sm" />
      <LoadingRows />
    </div>
  );
}

/** Grey rows in the place of a list's. */
export function LoadingRows({ rows = 8 }: { rows?: number }) {
  return (
    <Stack gap="sm" mt="md" aria-hidden data-loading>
      {Array.from({ length: rows }, (_, row) => (
        <Group key={row} wrap="nowrap">
          <Skeleton height="2rem" width="2rem" radius="md" />
          <Skeleton height="0.875rem" width={`${38 - (row % 4) * 6}%`} />
        </Group>
      ))}
    </Stack>
  );
}
