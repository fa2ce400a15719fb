import { Text, VisuallyHidden } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import styles from './Overview.module.css';
import type { OverviewQuery } from './overview.generated.ts';

type Hours = NonNullable<NonNullable<OverviewQuery['overview']>['messagesPerHour']>;

const HEIGHT = 100;
const STEP = 10; // of the picture's own units, from one bar to the next
const MARK_EVERY = 6; // hours

/** Bars, one for each hour, and the same as a table for who can't see them. */
export function HourChart({ hours }: { hours: Hours }) {
  const { t } = useTranslation('overview');
  const { number, time } = useFormats();
  const most = Math.max(...hours.map(({ messages }) => messages), 1);
  const total = hours.reduce((sum, { messages }) => sum + messages, 0);
  const label = ({ start, messages }: Hours[number]) => t('bar', { count: messages, time: time.format(new Date(start)) });
  const marked = hours.filter((_, index) => index % MARK_EVERY === MARK_EVERY - 1);

  return (
    <>
      <div className={styles.chart} aria-hidden>
        <span className={styles.most}>{number.format(most)}</span>
        <svg viewBox={`0 0 ${hours.length * STEP} ${HEIGHT}`} preserveAspectRatio="none" className={styles.bars}>
          {hours.map((hour, index) => {
            const height = (hour.messages / most) * HEIGHT;
            return (
              <g key={hour.start} className={styles.hour}>
                <title>{label(hour)}</title>
                <rect x={index * STEP} y={0} width={STEP} height={HEIGHT} className={styles.ground} />
                {hour.messages > 0 && <rect x={index * STEP + 1} y={HEIGHT - Math.max(height, 1)} width={STEP - 2} height={Math.max(height, 1)} className={styles.bar} />}
              </g>
            );
          })}
        </svg>
        <div className={styles.axis}>
          {marked.map(({ start }) => (
            <span key={start}>{time.format(new Date(start))}</span>
          ))}
        </div>
      </div>
      {total === 0 && <Text c="dimmed">{t('quiet', { hours: hours.length })}</Text>}
      <VisuallyHidden>
        <table>
          <caption>{t('perHourTable', { hours: hours.length })}</caption>
          <thead>
            <tr>
              <th scope="col">{t('hour')}</th>
              <th scope="col">{t('messages')}</th>
            </tr>
          </thead>
          <tbody>
            {hours.map(({ start, messages }) => (
              <tr key={start}>
                <th scope="row">{time.format(new Date(start))}</th>
                <td>{number.format(messages)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </VisuallyHidden>
    </>
  );
}
