import { useQuery } from '@apollo/client/react';
import { ActionIcon, Badge, Button, Menu, Text } from '@mantine/core';
import { EllipsisVertical, Eye, KeyRound, Pencil, Plus, RotateCcw, Send, Trash2, Webhook as Icon } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'wouter';

import { useChangeEvents } from '../../changes/useChangeEvents.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { ActionDialog, type Action } from './ActionDialog.tsx';
import { labelOf, POLL, type Webhook } from './webhook.ts';
import { CreateWebhookDocument, WebhooksDocument } from './webhooks.generated.ts';
import { WebhookDialog } from './WebhookDialog.tsx';
import styles from './Webhooks.module.css';

type Dialog = { what: 'create' } | { what: 'edit' | Action; hook: Webhook };

/** The addresses that are told of events, and how each is doing. */
export default function Webhooks() {
  const { t } = useTranslation('webhooks');
  const { data, error, refetch } = useQuery(WebhooksDocument, { pollInterval: POLL });
  const [dialog, setDialog] = useState<Dialog>();
  const renew = () => void refetch().catch(() => undefined);
  useChangeEvents(renew);
  const list = data?.webhooks as readonly Webhook[] | undefined;
  const close = () => setDialog(undefined);
  const create = (
    <Button size="compact-md" leftSection={<Plus size={16} aria-hidden />} onClick={() => setDialog({ what: 'create' })}>
      {t('create')}
    </Button>
  );
  return (
    <Screen
      title={t('title')}
      note={list && list.length > 0 && t('count', { count: list.length })}
      actions={create}
      operations={[{ document: WebhooksDocument }, { document: CreateWebhookDocument, variables: { input: { url: 'https://crm.example.com/chat', events: ['message.new'] } } }]}
      reading
    >
      {error !== undefined && list === undefined && <Failure error={error} onRetry={renew} />}
      {error === undefined && list === undefined && <LoadingRows rows={3} />}
      {list?.length === 0 && <Empty icon={Icon} title={t('empty')} lead={t('emptyLead')} />}
      {list !== undefined && list.length > 0 && (
        <ul className={styles.list} aria-label={t('title')}>
          {list.map((hook) => (
            <li key={hook.id}>
              <One hook={hook} onAct={(what) => setDialog({ what, hook })} />
            </li>
          ))}
        </ul>
      )}
      {dialog?.what === 'create' && <WebhookDialog onDone={renew} onClose={close} />}
      {dialog?.what === 'edit' && <WebhookDialog hook={dialog.hook} onDone={renew} onClose={close} />}
      {dialog !== undefined && dialog.what !== 'create' && dialog.what !== 'edit' && <ActionDialog action={dialog.what} hook={dialog.hook} onDone={renew} onClose={close} />}
    </Screen>
  );
}

const ACTIONS = [
  ['edit', Pencil],
  ['test', Send],
  ['reveal', Eye],
  ['rotate', KeyRound],
  ['replay', RotateCcw],
  ['delete', Trash2],
] as const;

function One({ hook, onAct }: { hook: Webhook; onAct(what: 'edit' | Action): void }) {
  const { t } = useTranslation('webhooks');
  const { list } = useFormats();
  return (
    <article className={styles.hook} aria-label={labelOf(hook)}>
      <div className={styles.about}>
        <h2 className={styles.name}>
          <bdi>{labelOf(hook)}</bdi>
        </h2>
        {hook.description !== '' && (
          <bdi dir="ltr" className={styles.url}>
            {visible(hook.url)}
          </bdi>
        )}
        <Text fz="sm">
          {hook.events.length === 0
            ? t('allEvents')
            : list.formatToParts(hook.events).map(({ type, value }) => (type === 'element' ? <bdi key={value}>{value}</bdi> : value))}
        </Text>
        <Standing hook={hook} />
        <Link href={`/webhooks/${hook.id}`} className={styles.link ?? ''} aria-label={t('deliveriesOf', { name: labelOf(hook) })}>
          {t('deliveries')}
        </Link>
      </div>
      <Menu position="bottom-end" width="14rem">
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={t('actions', { name: labelOf(hook) })}>
            <EllipsisVertical size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          {ACTIONS.map(([what, Sign]) => (
            <Menu.Item key={what} {...(what === 'delete' && { c: 'var(--mantine-color-error)' })} leftSection={<Sign size={16} aria-hidden />} onClick={() => onAct(what)}>
              {t(`do_${what}`)}
            </Menu.Item>
          ))}
        </Menu.Dropdown>
      </Menu>
    </article>
  );
}

/** Whether it is told, and what failed. */
export function Standing({ hook }: { hook: Webhook }) {
  const { t } = useTranslation('webhooks');
  const { moment } = useFormats();
  return (
    <div className={styles.standing}>
      <Badge variant="light" color={hook.enabled ? 'sea' : 'gray'} className={styles.badge ?? ''}>
        {hook.enabled ? t('enabled') : t('disabled')}
      </Badge>
      {hook.retrying > 0 && (
        <Badge variant="light" color="gray" className={styles.badge ?? ''}>
          {t('retrying', { count: hook.retrying })}
        </Badge>
      )}
      {hook.dead > 0 && (
        <Badge variant="light" color="red" className={styles.badge ?? ''}>
          {t('dead', { count: hook.dead })}
        </Badge>
      )}
      <span className={styles.quiet}>{hook.deliveredAt === null ? t('never') : t('lastTold', { time: moment.format(new Date(hook.deliveredAt)) })}</span>
    </div>
  );
}
