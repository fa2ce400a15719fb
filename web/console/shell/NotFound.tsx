import { Button } from '@mantine/core';
import { Compass } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { SECTIONS } from '../i18n/en.ts';
import { HOME } from '../screens/routes.ts';
import { Empty } from './Empty.tsx';
import { Screen } from './Screen.tsx';

export function NotFound() {
  const { t } = useTranslation(SECTIONS);
  return (
    <Screen title={t('notFound')} operations={[]}>
      <Empty icon={Compass} lead={t('notFoundLead')}>
        <Button component={Link} href={HOME}>
          {t('goTo', { page: t('channels:title') })}
        </Button>
      </Empty>
    </Screen>
  );
}
