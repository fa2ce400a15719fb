import { useApolloClient } from '@apollo/client/react';
import { Alert, Button, CopyButton, Group, Modal, Select, Stack, Text, Textarea } from '@mantine/core';
import { Check, Copy, TriangleAlert } from 'lucide-react';
import { useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { named } from '../../people.ts';
import { Failure } from '../../shell/Failure.tsx';
import { DAYS_OF_MONTH, SPANS, type Span } from './spans.ts';
import styles from './Users.module.css';
import type { User } from './user.ts';
import { CreateUserTokenDocument, type CreateUserTokenMutation } from './users.generated.ts';

/** Makes a token for a user's app and shows it once; nothing keeps it. */
export function TokenDialog({ user, onClose }: { user: User; onClose(): void }) {
  const { t } = useTranslation('users');
  const { moment } = useFormats();
  const client = useApolloClient();
  const [time, setTime] = useState<Span>('day');
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [made, setMade] = useState<CreateUserTokenMutation['createUserToken']>(null);

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    setBusy(true);
    setError(undefined);
    try {
      const input = { userId: user.id, seconds: SPANS[time] };
      const { data } = await client.mutate({ mutation: CreateUserTokenDocument, variables: { input }, fetchPolicy: 'no-cache' });
      setMade(data?.createUserToken ?? null);
    } catch (failure) {
      setError(failure);
    }
    setBusy(false);
  };

  return (
    <Modal opened onClose={onClose} title={t('tokenTitle', { name: named(user) })} closeButtonProps={{ 'aria-label': t('close') }}>
      {made === null ? (
        <form onSubmit={(event) => void submit(event)}>
          <Stack>
            <Text>{t('tokenLead')}</Text>
            <Select
              label={t('tokenFor')}
              data={(Object.keys(SPANS) as Span[]).map((value) => ({ value, label: t(value, { days: DAYS_OF_MONTH }) }))}
              value={time}
              onChange={(value) => setTime(value as Span)}
              allowDeselect={false}
              data-autofocus
            />
            {error !== undefined && <Failure error={error} />}
            <Group justify="flex-end">
              <Button variant="default" onClick={onClose}>
                {t('cancel')}
              </Button>
              <Button type="submit" loading={busy}>
                {t('tokenSubmit')}
              </Button>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack>
          <Alert variant="light" color="yellow" role="status" icon={<TriangleAlert size={18} aria-hidden />}>
            {t('tokenShown', { time: moment.format(new Date(made.expiresAt)) })}
          </Alert>
          <Textarea label={t('tokenField')} value={made.token} readOnly rows={5} dir="ltr" classNames={{ input: styles.token ?? '' }} onFocus={(event) => event.currentTarget.select()} />
          <Group justify="flex-end">
            <CopyButton value={made.token}>
              {({ copied, copy }) => (
                <Button autoFocus leftSection={copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />} onClick={copy}>
                  {copied ? t('copied') : t('copy')}
                </Button>
              )}
            </CopyButton>
            <Button variant="default" onClick={onClose}>
              {t('close')}
            </Button>
          </Group>
        </Stack>
      )}
    </Modal>
  );
}
