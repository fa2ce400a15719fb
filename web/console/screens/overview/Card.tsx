import { Text, Title } from '@mantine/core';
import type { ReactNode } from 'react';
import { Link } from 'wouter';

import styles from './Overview.module.css';

/** A frame with a title. */
export function Card({ title, lead, children }: { title: string; lead?: string | undefined; children: ReactNode }) {
  return (
    <section className={styles.card} aria-label={title}>
      <Title order={2} fz="1rem">
        {title}
      </Title>
      {lead !== undefined && (
        <Text c="dimmed" fz="xs">
          {lead}
        </Text>
      )}
      <div className={styles.content}>{children}</div>
    </section>
  );
}

/** A number and what it counts. */
export function Figure({ label, note, href, children }: { label: string; note?: string | undefined; href?: string; children: string }) {
  return (
    <section className={styles.card} aria-label={label}>
      <h2 className={styles.label}>{href === undefined ? label : <Link href={href}>{label}</Link>}</h2>
      <div className={styles.figure} data-figure>
        {children}
      </div>
      {note !== undefined && (
        <Text c="dimmed" fz="xs">
          {note}
        </Text>
      )}
    </section>
  );
}
