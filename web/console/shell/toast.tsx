import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Check, TriangleAlert } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorInWords } from '../graphql/errors.ts';

const TIME_TO_UNDO = 12_000;

/** What the newest note in sight can take back. */
let newest: { id: string; undo: () => void } | undefined;

/** Takes back what the newest note offers to: Ctrl or Cmd and Z. */
export function undoNewest(): void {
  if (newest === undefined) return;
  const { id, undo } = newest;
  notifications.hide(id);
  undo();
}

/** Short notes in the corner. */
export function useToast() {
  const { t } = useTranslation('shell');
  const { t: tError } = useTranslation('errors');
  const inWords = useErrorInWords();
  return useMemo(
    () => ({
      /** Something was done; with `undo` it can be taken back for a while. */
      done(message: string, undo?: () => void): void {
        const id = notifications.show({
          color: 'sea',
          icon: <Check size={16} aria-hidden />,
          autoClose: undo === undefined ? 5000 : TIME_TO_UNDO,
          closeButtonProps: { 'aria-label': t('close') },
          onClose: () => {
            if (newest?.id === id) newest = undefined;
          },
          message: (
            <Group justify="space-between" wrap="nowrap">
              <Text fz="sm">{message}</Text>
              {undo !== undefined && (
                <Button
                  size="compact-sm"
                  variant="default"
                  onClick={() => {
                    notifications.hide(id);
                    undo();
                  }}
                >
                  {t('undo')}
                </Button>
              )}
            </Group>
          ),
        });
        if (undo !== undefined) newest = { id, undo };
      },
      /** Something failed. It stays until it is closed. */
      failed(error: unknown): void {
        const { text, requestId } = inWords(error);
        notifications.show({
          color: 'red',
          icon: <TriangleAlert size={16} aria-hidden />,
          autoClose: false,
          title: tError('title'),
          closeButtonProps: { 'aria-label': t('close') },
          message: requestId === undefined ? text : `${text} ${tError('requestId', { id: requestId })}`,
        });
      },
    }),
    [t, tError], // inWords depends on the language alone, as these do.
  );
}
