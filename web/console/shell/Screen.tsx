import { ActionIcon, Group, Menu, Skeleton, Stack, Text, Title, VisuallyHidden } from '@mantine/core';
import { ArrowLeft, Code2, EllipsisVertical } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { currentLanguage, directionOf } from '../i18n/language.ts';
import { within } from '../i18n/visible.ts';
import styles from './Screen.module.css';
import type { Operation } from './snippet.ts';

const CopyOperation = lazy(async () => ({ default: (await import('./CopyOperation.tsx')).CopyOperation }));

interface Props {
  title: string;
  /** Where one came from, before the title. */
  back?: { href: string; label: string };
  /** Before the title. */
  icon?: ReactNode;
  /** Beside the title, e.g. how many there are. */
  note?: ReactNode;
  /** Buttons, at the end of the title's row. */
  actions?: ReactNode;
  /** What is done less often, as items of the menu beside them. */
  menu?: ReactNode;
  /** What the screen asks the server, to be copied. */
  operations: readonly Operation[];
  /** Let the content scroll within itself, not with the page: for long lists. */
  fill?: boolean;
  /** For text: no wider than one reads well. */
  reading?: boolean;
  /** Whether the content takes the focus that the title would else have. */
  focused?: boolean;
  children: ReactNode;
}

/** A screen: the title, which takes the focus when one comes here, what can be done, the content. */
export function Screen({ title, back, icon, note, actions, menu, operations, fill = false, reading = false, focused = false, children }: Props) {
  const { t } = useTranslation('shell');
  const [copying, setCopying] = useState(false);
  const heading = useRef<HTMLHeadingElement>(null);
  useEffect(() => {
    document.title = `${within(title, directionOf(currentLanguage()))} · Backchannel`;
  }, [title]);
  const ofContent = useRef(focused);
  useEffect(() => {
    if (!ofContent.current) heading.current?.focus({ preventScroll: true });
  }, []);
  return (
    <div className={`${styles.screen} ${fill ? styles.fill : ''} ${reading ? styles.reading : ''}`}>
      <div className={styles.head}>
        <div className={styles.named}>
          {back !== undefined && (
            <ActionIcon component={Link} href={back.href} variant="subtle" color="gray" c="inherit" size="lg" aria-label={back.label} title={back.label}>
              <ArrowLeft size={18} className="bc-mirror" aria-hidden />
            </ActionIcon>
          )}
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
        <Group gap="xs" wrap="nowrap">
          {actions}
          {(menu !== undefined || operations.length > 0) && (
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={t('more')}>
                  <EllipsisVertical size={18} aria-hidden />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                {menu}
                {menu !== undefined && operations.length > 0 && <Menu.Divider />}
                {operations.length > 0 && (
                  <Menu.Item leftSection={<Code2 size={16} aria-hidden />} onClick={() => setCopying(true)}>
                    {t('copyAs')}
                  </Menu.Item>
                )}
              </Menu.Dropdown>
            </Menu>
          )}
        </Group>
      </div>
      {copying && (
        <Suspense>
          <CopyOperation operations={operations} onClose={() => setCopying(false)} />
        </Suspense>
      )}
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
