import { useTranslation } from 'react-i18next';

import { useFormats } from '../i18n/formats.ts';
import type { InTheWay } from './conflict.ts';

/** Why a change can't be undone now, in words. */
export function useInTheWayInWords(): (way: InTheWay) => string {
  const { t } = useTranslation('changes');
  const { moment } = useFormats();
  return (way) => {
    if (way.what === 'cid') return t('cidTaken');
    if (way.change === undefined) return t('changedSinceUnknown');
    const { by, at } = way.change;
    return t(way.what === 'already' ? 'undoneAlready' : 'changedSince', { by: by === '' ? t('nobody') : by, time: moment.format(new Date(at)) });
  };
}
