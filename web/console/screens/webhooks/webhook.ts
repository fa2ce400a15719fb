import { visible } from '../../i18n/visible.ts';
import type { ShownWebhookFragment } from './webhooks.generated.ts';

export type Webhook = ShownWebhookFragment;

/** How often figures and deliveries are asked for, in milliseconds: no subscription tells of them. */
export const POLL = 5_000;

/** What a webhook is called: its description, or else its address. */
export const labelOf = ({ description, url }: Pick<Webhook, 'description' | 'url'>): string => visible(description === '' ? url : description);
