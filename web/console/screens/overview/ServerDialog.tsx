import { Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { Figure } from './Card.tsx';
import { ErrorCodes, MINUTES } from './ErrorCodes.tsx';
import styles from './Overview.module.css';
import type { OverviewQuery } from './overview.generated.ts';

type Server = NonNullable<OverviewQuery['overview']>['server'];

/** What the server does, for who looks after it. */
export function ServerDialog({ server, onClose }: { server: Server; onClose(): void }) {
  const { t } = useTranslation(['overview', 'shell']);
  const { number, moment } = useFormats();
  return (
    <Modal opened onClose={onClose} size="lg" title={t('server')} closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <div className={styles.figures}>
        <Figure label={t('connections')} note={t('connectionsNote', { time: moment.format(new Date(server.startedAt)) })}>
          {number.format(server.connections)}
        </Figure>
      </div>
      <Text fw={600} mt="md">
        {t('errors')}
      </Text>
      <Text c="dimmed" fz="xs" mb="sm">
        {t('errorsLead', { minutes: MINUTES })}
      </Text>
      <ErrorCodes errors={server.errors} requests={server.requests} />
    </Modal>
  );
}
