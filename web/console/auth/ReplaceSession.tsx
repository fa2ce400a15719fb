import { Button, Group, Modal, Stack, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { session, useSession } from './session.ts';

/** Asks before a link with a token signs somebody else in: what one does from then on would be done in that name. */
export function ReplaceSession() {
  const { t } = useTranslation('auth');
  const { holder, offered } = useSession();
  if (offered === undefined || holder === undefined) return null;
  return (
    <Modal opened onClose={() => session.decline()} title={t('replaceTitle')} withCloseButton={false} closeOnClickOutside={false}>
      <Stack gap="sm">
        <Text>{t('replaceLead', { name: offered.holder.name, id: offered.holder.id })}</Text>
        <Text>{t('replaceNow', { name: holder.name, id: holder.id })}</Text>
        <Text c="dimmed">{t('replaceWarning')}</Text>
        <Group justify="flex-end" gap="xs">
          <Button variant="default" onClick={() => session.signIn(offered.token)}>
            {t('replaceDo')}
          </Button>
          <Button data-autofocus onClick={() => session.decline()}>
            {t('replaceStay')}
          </Button>
        </Group>
      </Stack>
    </Modal>
  );
}
