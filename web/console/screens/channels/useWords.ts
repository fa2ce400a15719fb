import { useEffect, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useRouter } from 'wouter';

import { useFormats } from '../../i18n/formats.ts';

const MINUTE = 60_000;

/** The texts of the rows, looked up once for all of them. */
export type Words = ReturnType<typeof useWords>;

export function useWords() {
  const { t } = useTranslation('channels');
  const { number, moment, ago } = useFormats();
  const { base } = useRouter();
  const minute = useMinute();
  return useMemo(
    () => ({
      base,
      never: t('never'),
      frozen: t('frozen'),
      select: (name: string) => t('select', { name }),
      edit: (name: string) => t('edit', { name }),
      attachments: (count: number) => t('lastAttachments', { count }),
      number: (of: number) => number.format(of),
      moment: (of: number) => moment.format(of),
      ago: (of: number) => ago(of, minute),
    }),
    [t, number, moment, ago, base, minute],
  );
}

/** The time, as often as "5 min" becomes another. */
function useMinute(): number {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const timer = setInterval(() => setNow(Date.now()), MINUTE);
    return () => clearInterval(timer);
  }, []);
  return now;
}
