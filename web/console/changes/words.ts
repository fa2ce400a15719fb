import { useTranslation } from 'react-i18next';

import { useFormats } from '../i18n/formats.ts';
import type { ShownChangeFragment } from './changes.generated.ts';

export type Change = ShownChangeFragment;
export type Target = Change['targets'][number];

/** The operations that the catalogue has words for, as the filter lists them. */
export const OPERATIONS = [
  'createOrUpdateChannel', 'freezeChannel', 'deleteChannels', 'eraseNow', 'undo',
  'addMembers', 'removeMembers', 'editMessage', 'pinMessage', 'deleteMessage',
  'setRoles', 'setRoleToUsersOnChat', 'upsertChatUsers', 'users-import',
  'banUser', 'unbanUser', 'muteUser', 'unmuteUser', 'createUserToken', 'revokeUserTokens',
  'createWebhook', 'updateWebhook', 'deleteWebhook', 'rotateWebhookSecret', 'revealWebhookSecrets', 'testWebhook', 'replayWebhook', 'retryWebhookDelivery',
  'createAnnouncement', 'updateAnnouncement', 'deleteAnnouncement', 'sendAnnouncement', 'cancelAnnouncement', 'editAnnouncement', 'recallAnnouncement',
  'pauseJob', 'resumeJob', 'stopJob', 'retryJob',
] as const;
type Operation = (typeof OPERATIONS)[number];

export const isKnown = (operation: string): operation is Operation => OPERATIONS.some((each) => each === operation);

type State = Record<string, unknown>;

/** What was before or after, as the record has it; undefined if it was not there. */
export function stateOf(json: string | null): State | undefined {
  if (json === null) return undefined;
  try {
    const state: unknown = JSON.parse(json);
    return typeof state === 'object' && state !== null ? (state as State) : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the change made the thing: that can't be undone. */
export const made = ({ kind, before, after }: Target): boolean => ['channel', 'user', 'message', 'webhook'].includes(kind) && before === null && after !== null;

/** What the change did something to. A ban names the shadow ban too, where there was none. */
export const targetsOf = ({ operation, targets }: Change): Target[] =>
  targets.filter(({ kind, before, after }) => before !== null || after !== null || kind !== 'restriction' || /^(set|create|revoke)/.test(operation));

/** Why a change can't be undone, by the key of the words; undefined if it can. */
export function whyNot(change: Change, holder: string | undefined) {
  const { operation, outcome, targets, undoneBy, canUndo } = change;
  if (outcome !== 'DONE') return undefined;
  if (operation === 'deleteMessage' && targets.some(({ userId }) => userId === change.by && userId !== holder)) return 'whyNotSender';
  if (canUndo || undoneBy !== null) return undefined;
  if (operation === 'undo') return 'whyNotUndo';
  if (operation === 'createUserToken' || operation === 'revokeUserTokens') return 'whyNotToken';
  if (operation === 'eraseNow') return 'whyNotErased';
  if (operation === 'deleteChannels') return 'whyNotGone';
  return targets.some(made) ? 'whyNotMade' : 'whyNot';
}

export const mayTakeBack = (change: Change, holder: string | undefined): boolean => change.outcome === 'DONE' && change.canUndo && whyNot(change, holder) === undefined;

/** What somebody did, after the name of who it was. */
export function useDeed(): (change: Change) => string {
  const { t } = useTranslation('changes');
  return (change) => {
    const { operation, outcome, targetCount: count } = change;
    const what = isKnown(operation) ? t(`op_${operation}`) : operation;
    if (outcome === 'REFUSED') return t('refusedTo', { what });
    if (outcome === 'FAILED') return t('failedTo', { what });
    if (outcome === 'UNKNOWN') return t('unknownIf', { what });
    const first = change.targets[0];
    switch (operation) {
      case 'createOrUpdateChannel':
        return first?.before === null ? t('did_createChannel') : t('did_changeChannel');
      case 'freezeChannel':
        return stateOf(first?.after ?? null)?.['frozen'] === false ? t('did_thaw') : t('did_freeze');
      case 'pinMessage':
        return Number(stateOf(first?.after ?? null)?.['pinned_at'] ?? 1) === 0 ? t('did_unpin') : t('did_pin');
      case 'setRoles':
      case 'setRoleToUsersOnChat':
        return t('did_setRoles', { count });
      case 'deleteChannels':
      case 'addMembers':
      case 'removeMembers':
      case 'upsertChatUsers':
        return t(`did_${operation}`, { count });
      case 'users-import':
        return t('did_import', { count });
      case 'banUser':
      case 'unbanUser':
      case 'muteUser':
      case 'unmuteUser':
        return first?.cid == null ? t(`did_${operation}`) : t(`did_${operation}Here`);
      case 'editMessage':
      case 'deleteMessage':
      case 'createUserToken':
      case 'revokeUserTokens':
      case 'undo':
      case 'eraseNow':
      case 'createWebhook':
      case 'updateWebhook':
      case 'deleteWebhook':
      case 'rotateWebhookSecret':
      case 'revealWebhookSecrets':
      case 'testWebhook':
      case 'replayWebhook':
      case 'retryWebhookDelivery':
      case 'createAnnouncement':
      case 'updateAnnouncement':
      case 'deleteAnnouncement':
      case 'sendAnnouncement':
      case 'cancelAnnouncement':
      case 'editAnnouncement':
      case 'recallAnnouncement':
      case 'pauseJob':
      case 'resumeJob':
      case 'stopJob':
      case 'retryJob':
        return t(`did_${operation}`);
      default:
        return t('did_unknown', { what });
    }
  };
}

/** A difference in words: of a field, what it was and what it is. */
export interface Difference {
  field: string;
  label: string;
  /** Undefined where there was nothing. */
  before: string | undefined;
  after: string | undefined;
}

/** Columns that say nothing to a clerk: copies for sorting, and who or when, which stands above. */
const SILENT = /^(name_key|name_text|created_by|created_at|made_by|added_at|read_at|read_seq|updated_at|edited_at|deleted_at|html|disabled|extra\..*|version|seq)$/;

/** What a change made different about a thing. */
export function useDifferences(): (target: Target) => Difference[] {
  const words = useValue();
  return ({ kind, before: was, after: is }) => {
    const before = stateOf(was);
    const after = stateOf(is);
    const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((field) => !SILENT.test(field));
    return fields.flatMap((field) => {
      const label = words.label(kind, field);
      const [from, to] = [before, after].map((state) => (state === undefined ? undefined : words.value(kind, field, state[field])));
      return label === undefined || from === to || (from ?? to) === undefined ? [] : [{ field, label, before: from, after: to }];
    });
  };
}

/** Fields and their values in words. What is as it is by itself is undefined. */
function useValue() {
  const { t } = useTranslation(['changes', 'users']);
  const { moment, number } = useFormats();
  const roles: Record<string, string> = { user: t('users:USER'), moderator: t('users:MODERATOR'), admin: t('users:ADMIN') };
  const labels: Record<string, string> = {
    name: t('fieldName'), avatar: t('fieldAvatar'), frozen: t('fieldFrozen'), cooldown: t('fieldCooldown'), role: t('fieldRole'),
    text: t('fieldText'), attachments: t('fieldAttachments'), pinned_at: t('fieldPinned'), until: t('fieldUntil'), reason: t('reason'), tokens_after: t('fieldTokens'), deactivated_at: t('fieldDeactivated'),
  };
  const label = (kind: string, field: string): string | undefined => (kind === 'member' ? undefined : (labels[field] ?? field));
  const value = (kind: string, field: string, of: unknown): string | undefined => {
    if (of === undefined || of === null || of === '') return undefined;
    if (field === 'frozen' || (field === 'pinned_at' && kind === 'message')) return Number(of) !== 0 ? t('yes') : undefined;
    if (field === 'until') return Number(of) === 0 ? t('forever') : moment.format(new Date(Number(of) / 1000));
    if (field.endsWith('_at') || field === 'tokens_after') return Number(of) === 0 ? undefined : moment.format(new Date(Number(of) / 1000));
    if (field === 'cooldown') return Number(of) === 0 ? undefined : t('seconds', { count: Number(of) });
    if (field === 'attachments') return t('files', { count: listed(of) });
    if (field === 'role') return roles[String(of)] ?? String(of);
    return typeof of === 'number' ? number.format(of) : typeof of === 'string' ? of : JSON.stringify(of);
  };
  return { label, value };
}

function listed(json: unknown): number {
  try {
    const list: unknown = typeof json === 'string' ? JSON.parse(json) : json;
    return Array.isArray(list) ? list.length : 0;
  } catch {
    return 0;
  }
}
