import { Text } from '@mantine/core';
import { CircleCheck } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import styles from './Overview.module.css';
import type { OverviewQuery } from './overview.generated.ts';

/** How far back the server's figures go. */
export const MINUTES = 60;

/** The errors of the last hour, a bar for each code. */
export function ErrorCodes({ errors, requests }: { errors: NonNullable<OverviewQuery['overview']>['server']['errors']; requests: number }) {
  const { t } = useTranslation('overview');
  const { number } = useFormats();
  const total = errors.reduce((sum, { count }) => sum + count, 0);
  const most = Math.max(...errors.map(({ count }) => count), 1);
  return (
    <>
      {errors.length === 0 ? (
        <Text className={styles.well ?? ''}>
          <CircleCheck size={18} aria-hidden /> {t('noErrors', { minutes: MINUTES })}
        </Text>
      ) : (
        <table className={styles.codes}>
          <thead>
            <tr>
              <th scope="col">{t('code')}</th>
              <th scope="col" className={styles.number}>
                {t('count')}
              </th>
            </tr>
          </thead>
          <tbody>
            {errors.map(({ code, count }) => (
              <tr key={code}>
                <th scope="row">
                  <bdi>{code}</bdi>
                  <span className={styles.share} style={{ inlineSize: `${(100 * count) / most}%` }} />
                </th>
                <td className={styles.number}>{number.format(count)}</td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
      <Text c="dimmed" fz="xs" mt="sm">
        {t('errorsOf', { count: requests, errors: total })}
      </Text>
    </>
  );
}
