import { Group, Stack, Text } from '@mantine/core';
import type { LucideIcon } from 'lucide-react';
import type { ReactNode } from 'react';

import styles from './Empty.module.css';

interface Props {
  icon: LucideIcon;
  title?: string;
  /** What it means, or what would fill it. */
  lead: string;
  /** The next step, as buttons. */
  children?: ReactNode;
}

/** Says that there is nothing here, and what to do about it. */
export function Empty({ icon: Icon, title, lead, children }: Props) {
  return (
    <Stack className={styles.empty ?? ''} align="center" gap="xs">
      <span className={styles.icon}>
        <Icon size={28} strokeWidth={1.5} aria-hidden />
      </span>
      {title !== undefined && (
        <Text component="h2" fw={600} fz="1rem" m={0}>
          {title}
        </Text>
      )}
      <Text c="dimmed">{lead}</Text>
      {children !== undefined && (
        <Group gap="xs" mt="sm" justify="center">
          {children}
        </Group>
      )}
    </Stack>
  );
}
