import { Button, CopyButton, Group, Stack, Text, TextInput } from '@mantine/core';
import { Check, Copy } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import styles from './Webhooks.module.css';
import type { RevealWebhookSecretsMutation } from './webhooks.generated.ts';

export type Secret = NonNullable<RevealWebhookSecretsMutation['revealWebhookSecrets']>['secrets'][number];

/** What signs a webhook's calls, the newest first, to be copied. */
export function Secrets({ secrets, onClose }: { secrets: readonly Secret[]; onClose(): void }) {
  const { t } = useTranslation(['webhooks', 'shell']);
  const { moment } = useFormats();
  return (
    <Stack>
      <Text role="status">{t('secretsLead')}</Text>
      {secrets.map(({ secret, until }) => (
        <div key={secret} className={styles.secret}>
          <TextInput
            label={until === null ? t('secret') : t('secretUntil', { time: moment.format(new Date(until)) })}
            value={secret}
            readOnly
            dir="ltr"
            classNames={{ input: styles.mono ?? '' }}
            onFocus={(event) => event.currentTarget.select()}
          />
          <CopyButton value={secret}>
            {({ copied, copy }) => (
              <Button variant="default" leftSection={copied ? <Check size={16} aria-hidden /> : <Copy size={16} aria-hidden />} onClick={copy}>
                {copied ? t('copied') : t('copy')}
              </Button>
            )}
          </CopyButton>
        </div>
      ))}
      <Group justify="flex-end">
        <Button autoFocus onClick={onClose}>
          {t('shell:close')}
        </Button>
      </Group>
    </Stack>
  );
}
