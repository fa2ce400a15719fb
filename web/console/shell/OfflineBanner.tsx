import { Button } from '@mantine/core';
import { CloudOff } from 'lucide-react';
import { useEffect, useRef } from 'react';
import { useTranslation } from 'react-i18next';

import { connection, useOnline } from '../graphql/connection.ts';
import styles from './OfflineBanner.module.css';
import { useToast } from './toast.tsx';

/** Says that the server is away, and that it is back. */
export function OfflineBanner() {
  const { t } = useTranslation('shell');
  const online = useOnline();
  const toast = useToast();
  const before = useRef(online);
  useEffect(() => {
    if (online && !before.current) toast.done(t('online'));
    before.current = online;
  }, [online, t, toast]);
  return (
    <div role="status">
      {!online && (
        <div className={styles.banner}>
          <CloudOff size={18} aria-hidden />
          <span>{t('offline')}</span>
          <Button size="compact-sm" variant="default" onClick={() => connection.probe()}>
            {t('offlineRetry')}
          </Button>
        </div>
      )}
    </div>
  );
}
