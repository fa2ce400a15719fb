import { Button, Group, Modal, Text } from '@mantine/core';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { undoSteps } from './stepBack.ts';

interface Unsaved {
  /** To be called where one would close; asks first if there is something to lose. */
  close(): void;
  /** Whether it asks just now; what lies beneath is not to hear Escape then. */
  asking: boolean;
  question: ReactNode;
}

/** Keeps a form with changes from being closed unasked, also by the palette, the browser's back button, a reload or a closed tab. */
export function useUnsaved(changed: boolean, onClose: () => void): Unsaved {
  const { t } = useTranslation('shell');
  const [asking, setAsking] = useState(false);
  const afterwards = useRef<() => void>(undefined);
  const ask = (goOn?: () => void) => {
    afterwards.current = goOn;
    setAsking(true);
  };
  useStay(changed, ask);
  return {
    close: () => (changed ? ask() : onClose()),
    asking,
    // Not there until it asks: it would hear the very Escape that it asks about.
    question: asking && (
      <Modal opened onClose={() => setAsking(false)} withCloseButton={false} centered>
        <Modal.Title mb="xs">{t('unsaved')}</Modal.Title>
        <Text>{t('unsavedLead')}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button
            color="red"
            onClick={() => {
              onClose();
              afterwards.current?.();
            }}
          >
            {t('discardChanges')}
          </Button>
          <Button data-autofocus onClick={() => setAsking(false)}>
            {t('goOnEditing')}
          </Button>
        </Group>
      </Modal>
    ),
  };
}

/** While it is so one stays: `ask` may let one go. Without it, something is under way that tells here how it ends. */
export function useStay(so: boolean, ask?: (goOn: () => void) => void): void {
  const asks = useRef(ask);
  asks.current = ask;
  useEffect(() => {
    if (!so) return;
    const goOn = undoSteps((goOn) => asks.current?.(goOn));
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', onUnload);
    return () => {
      goOn();
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [so]);
}
