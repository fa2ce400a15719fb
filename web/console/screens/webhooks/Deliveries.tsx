import { useApolloClient, useQuery } from '@apollo/client/react';
import { Badge, Button, NativeSelect } from '@mantine/core';
import { Inbox, RotateCcw, SearchX } from 'lucide-react';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { newKey, once } from '../../graphql/key.ts';
import type { WebhookDeliveryState } from '../../graphql/types.generated.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows, Screen } from '../../shell/Screen.tsx';
import { useToast } from '../../shell/toast.tsx';
import { labelOf, POLL, type Webhook } from './webhook.ts';
import { RetryWebhookDeliveryDocument, WebhookDeliveriesDocument, WebhooksDocument, type WebhookDeliveriesQuery } from './webhooks.generated.ts';
import { Standing } from './Webhooks.tsx';
import styles from './Webhooks.module.css';

type Delivery = WebhookDeliveriesQuery['webhookDeliveries']['nodes'][number];

const STATES = ['DELIVERED', 'RETRYING', 'DEAD'] as const;
const COLORS = { DELIVERED: 'sea', RETRYING: 'gray', DEAD: 'red' } as const;

/** What a webhook was told, and what failed: what was given up is tried again from here. */
export default function Deliveries() {
  const { t } = useTranslation('webhooks');
  const { id = '' } = useParams();
  const [state, setState] = useState<WebhookDeliveryState | ''>('');
  const variables = { id, ...(state !== '' && { state }) };
  const { data: hooks } = useQuery(WebhooksDocument, { pollInterval: POLL });
  const [older, setOlder] = useState(false);
  // Further pages are of a moment: new deliveries would move what is on each.
  const { data, error, refetch, fetchMore } = useQuery(WebhookDeliveriesDocument, { variables, pollInterval: older ? 0 : POLL, fetchPolicy: 'cache-and-network' });
  const [moreError, setMoreError] = useState<unknown>();
  const list = data?.webhookDeliveries as WebhookDeliveriesQuery['webhookDeliveries'] | undefined;
  const hook = (hooks?.webhooks as readonly Webhook[] | undefined)?.find((each) => each.id === id);
  const more = async () => {
    setOlder(true);
    setMoreError(undefined);
    await fetchMore({ variables: { ...variables, after: list?.pageInfo.endCursor ?? null }, updateQuery: joined }).catch(setMoreError);
  };
  const renew = () => {
    setOlder(false);
    void refetch().catch(() => undefined);
  };
  return (
    <Screen
      title={hook === undefined ? t('deliveries') : labelOf(hook)}
      note={hook && t('deliveries')}
      back={{ href: '/webhooks', label: t('back') }}
      operations={[{ document: WebhookDeliveriesDocument, variables }, { document: RetryWebhookDeliveryDocument, variables: { input: { id, delivery: list?.nodes[0]?.id ?? '1-7' } } }]}
      reading
    >
      {hook !== undefined && <Standing hook={hook} />}
      <div className={styles.tools}>
        <NativeSelect
          label={t('state')}
          value={state}
          onChange={(event) => {
            setOlder(false);
            setState(event.currentTarget.value as WebhookDeliveryState | '');
          }}
        >
          <option value="">{t('all')}</option>
          {STATES.map((each) => (
            <option key={each} value={each}>
              {t(`state_${each}`)}
            </option>
          ))}
        </NativeSelect>
      </div>
      {error !== undefined && list === undefined && <Failure error={error} onRetry={renew} />}
      {error === undefined && list === undefined && <LoadingRows rows={4} />}
      {list?.nodes.length === 0 && (state === '' ? <Empty icon={Inbox} lead={t('noDeliveries')} /> : <Empty icon={SearchX} lead={t('noneSuch')} />)}
      {list !== undefined && list.nodes.length > 0 && (
        <ul className={styles.list} aria-label={t('deliveries')}>
          {list.nodes.map((delivery) => (
            <li key={delivery.id}>
              <One hook={id} delivery={delivery} onRetried={renew} />
            </li>
          ))}
        </ul>
      )}
      {moreError !== undefined && <Failure error={moreError} onRetry={() => void more()} />}
      {list?.pageInfo.hasNextPage === true && moreError === undefined && (
        <Button variant="default" my="md" onClick={() => void more()}>
          {t('older')}
        </Button>
      )}
    </Screen>
  );
}

function One({ hook, delivery, onRetried }: { hook: string; delivery: Delivery; onRetried(): void }) {
  const { t } = useTranslation('webhooks');
  const { moment } = useFormats();
  const client = useApolloClient();
  const toast = useToast();
  const { id, type, cid, seq, state, attempts, status, error, lastAt, nextAt } = delivery;
  const retry = async () => {
    const key = newKey();
    const done = await toast.attempt(async () => {
      await client.mutate({ mutation: RetryWebhookDeliveryDocument, variables: { input: { id: hook, delivery: id } }, context: once(key) });
    });
    if (done) toast.done(t('retried'));
    onRetried();
  };
  const facts = [
    t('attempts', { count: attempts }),
    ...(status === null ? [] : [t('answered', { status })]),
    t('lastTry', { time: moment.format(new Date(lastAt)) }),
    ...(nextAt === null ? [] : [t('nextTry', { time: moment.format(new Date(nextAt)) })]),
  ];
  return (
    <article className={styles.hook} aria-label={`${type} ${seq}`}>
      <div className={styles.about}>
        <div className={styles.standing}>
          <Badge variant="light" color={COLORS[state]} className={styles.badge ?? ''}>
            {t(`state_${state}`)}
          </Badge>
          <bdi dir="ltr" className={styles.mono}>
            {type}
          </bdi>
          {cid !== null && (
            <bdi dir="ltr" className={styles.url}>
              {visible(cid)}
            </bdi>
          )}
        </div>
        {error !== null && <bdi className={styles.error}>{visible(error)}</bdi>}
        <span className={styles.quiet}>{facts.join(' · ')}</span>
      </div>
      {state === 'DEAD' && (
        <Button size="compact-sm" variant="default" leftSection={<RotateCcw size={14} aria-hidden className="bc-mirror" />} aria-label={t('retryOne', { type, seq })} onClick={() => void retry()}>
          {t('retry')}
        </Button>
      )}
    </article>
  );
}

function joined(before: WebhookDeliveriesQuery, { fetchMoreResult: { webhookDeliveries: page } }: { fetchMoreResult: WebhookDeliveriesQuery }): WebhookDeliveriesQuery {
  const known = new Set(before.webhookDeliveries.nodes.map(({ id }) => id));
  return { webhookDeliveries: { ...page, nodes: [...before.webhookDeliveries.nodes, ...page.nodes.filter(({ id }) => !known.has(id))] } };
}
