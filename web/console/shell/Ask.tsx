import { Button, Group, Modal, Text } from '@mantine/core';
import { useTranslation } from 'react-i18next';

interface Props {
  title: string;
  /** What is lost by it. */
  lead: string;
  submit: string;
  onSubmit(): void;
  onClose(): void;
}

/** Asks before something that can't be undone. */
export function Ask({ title, lead, submit, onSubmit, onClose }: Props) {
  const { t } = useTranslation('shell');
  return (
    <Modal opened onClose={onClose} title={title} closeButtonProps={{ 'aria-label': t('close') }}>
      <Text>{lead}</Text>
      <Group justify="flex-end" gap="xs" mt="md">
        <Button variant="default" data-autofocus onClick={onClose}>
          {t('cancel')}
        </Button>
        <Button
          color="red"
          onClick={() => {
            onClose();
            onSubmit();
          }}
        >
          {submit}
        </Button>
      </Group>
    </Modal>
  );
}
