import { Button } from '@mantine/core';
import { Hash } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { Empty } from '../../shell/Empty.tsx';
import { placeOf } from '../../shell/place.ts';

/** In the place of a channel that there is not, or no longer. */
export function Missing({ deleted = false }: { deleted?: boolean }) {
  const { t } = useTranslation('channel');
  return (
    <Empty icon={Hash} title={deleted ? t('deletedChannel') : t('noChannel')} lead={deleted ? t('deletedChannelLead') : t('noChannelLead')}>
      <Button component={Link} href={placeOf('/channels')}>
        {t('toChannels')}
      </Button>
    </Empty>
  );
}
