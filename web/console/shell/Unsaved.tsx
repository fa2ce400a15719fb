import { Button, Group, Modal, Text } from '@mantine/core';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';

import { takeBackSteps } from './stepBack.ts';

interface Unsaved {
  /** To be called where one would close; asks first if there is something to lose. */
  close(): void;
  /** Whether it asks just now; what lies beneath is not to hear Escape then. */
  asking: boolean;
  question: ReactNode;
}

/** Keeps a form with changes from being closed unasked, also by the browser's back button, a reload or a closed tab. */
export function useUnsaved(changed: boolean, onClose: () => void): Unsaved {
  const { t } = useTranslation('shell');
  const [asking, setAsking] = useState(false);
  useEffect(() => {
    if (!changed) return;
    const goOn = takeBackSteps(() => setAsking(true));
    const onUnload = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', onUnload);
    return () => {
      goOn();
      window.removeEventListener('beforeunload', onUnload);
    };
  }, [changed]);
  return {
    close: () => (changed ? setAsking(true) : onClose()),
    asking,
    // Not there until it asks: it would hear the very Escape that it asks about.
    question: asking && (
      <Modal opened onClose={() => setAsking(false)} withCloseButton={false} centered>
        <Modal.Title mb="xs">{t('unsaved')}</Modal.Title>
        <Text>{t('unsavedLead')}</Text>
        <Group justify="flex-end" gap="xs" mt="md">
          <Button color="red" onClick={onClose}>
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
