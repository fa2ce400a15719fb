import { Alert, Button, Group, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useErrorInWords } from '../graphql/errors.ts';

/** An error in words, with the request's id, and a way to try again. */
export function Failure({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const { t } = useTranslation('errors');
  const { text, requestId } = useErrorInWords()(error);
  return (
    <Alert color="red" variant="light" icon={<TriangleAlert size={18} aria-hidden />} title={t('title')} my="sm">
      <Text fz="sm">{text}</Text>
      {requestId !== undefined && (
        <Text fz="xs" c="dimmed" mt={4}>
          {t('requestId', { id: requestId })}
        </Text>
      )}
      {onRetry !== undefined && (
        <Group mt="xs">
          <Button size="xs" variant="default" onClick={onRetry}>
            {t('retry')}
          </Button>
        </Group>
      )}
    </Alert>
  );
}
