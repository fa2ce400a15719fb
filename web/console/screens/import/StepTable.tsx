import { Badge } from '@mantine/core';
import { useVirtualizer } from '@tanstack/react-virtual';
import { ArrowRight } from 'lucide-react';
import { useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import styles from './Import.module.css';
import type { Effect, Step } from './read.ts';
import { useFault } from './useFault.ts';

const COLORS: Record<Effect, string> = { new: 'sea', renamed: 'yellow', role: 'grape', unchanged: 'gray', fault: 'red' };

/** A row for each line of the file, of which there may be very many. */
export function StepTable({ steps, refused }: { steps: readonly Step[]; refused: ReadonlyMap<string, string> | undefined }) {
  const { t } = useTranslation('userImport');
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useVirtualizer({
    count: steps.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => 3.25 * Number.parseFloat(getComputedStyle(document.documentElement).fontSize),
    overscan: 8,
  });
  return (
    <div className={styles.scroller} ref={scroller} tabIndex={0} role="region" aria-label={t('table')}>
      <div role="table" aria-label={t('table')} aria-rowcount={steps.length + 1}>
        <div role="rowgroup" className={styles.head}>
          <div role="row" aria-rowindex={1} className={styles.row}>
            <div role="columnheader" className={styles.line}>
              {t('columnLine')}
            </div>
            <div role="columnheader">{t('columnUser')}</div>
            <div role="columnheader">{t('columnRole')}</div>
            <div role="columnheader">{t('columnEffect')}</div>
          </div>
        </div>
        <div role="rowgroup" className={styles.body} style={{ height: rows.getTotalSize() }}>
          {rows.getVirtualItems().map(({ index, start, key }) => {
            const step = steps[index];
            return (
              step !== undefined && (
                <div
                  key={key}
                  role="row"
                  aria-rowindex={index + 2}
                  data-index={index}
                  ref={rows.measureElement}
                  className={styles.row}
                  style={{ transform: `translateY(${start}px)` }}
                >
                  <StepRow step={step} reason={refused?.get(step.id)} />
                </div>
              )
            );
          })}
        </div>
      </div>
    </div>
  );
}

function StepRow({ step: { line, id, name, role, fault, before, effects }, reason }: { step: Step; reason: string | undefined }) {
  const { t } = useTranslation(['userImport', 'users']);
  const { number } = useFormats();
  const inWords = useFault();
  const why = reason ?? (fault && inWords(fault));
  return (
    <>
      <div role="cell" className={styles.line}>
        {number.format(line)}
      </div>
      <div role="rowheader" className={styles.names}>
        <bdi className={styles.name}>{visible(name)}</bdi>
        {effects.includes('renamed') && before && <span className={styles.id}>{t('was', { name: before.name ?? t('users:noName') })}</span>}
        <bdi className={styles.id}>{visible(id)}</bdi>
      </div>
      <div role="cell" className={styles.change}>
        {effects.includes('role') && before && (
          <>
            {t(`users:${before.role}`)} <ArrowRight size={14} aria-label={t('users:becomes')} className="bc-mirror" />
          </>
        )}
        <span>{role ? t(`users:${role}`) : before ? t(`users:${before.role}`) : effects.includes('new') ? t('users:USER') : ''}</span>
      </div>
      <div role="cell" className={styles.effects}>
        {effects.map((effect) => (
          <Badge key={effect} className={styles.badge ?? ''} variant="light" color={COLORS[effect]}>
            {t(effect)}
          </Badge>
        ))}
        {why !== undefined && <span className={styles.why}>{why}</span>}
      </div>
    </>
  );
}
