import { useTranslation } from 'react-i18next';

import { useFormats } from '../i18n/formats.ts';
import { said } from '../i18n/places.ts';
import type { ShownChangeFragment } from './changes.generated.ts';

export type Change = ShownChangeFragment;
export type Target = Change['targets'][number];

/** The operations that the catalogue has words for, as the filter lists them. */
export const OPERATIONS = [
  'createOrUpdateChannel', 'freezeChannel', 'deleteChannels', 'eraseNow', 'undo',
  'addMembers', 'removeMembers', 'editMessage', 'pinMessage', 'deleteMessage',
  'setRoles', 'setRoleToUsersOnChat', 'upsertChatUsers', 'usersImport', 'sampleUsers',
  'banUser', 'unbanUser', 'muteUser', 'unmuteUser', 'createUserToken', 'revokeUserTokens',
  'createWebhook', 'updateWebhook', 'deleteWebhook', 'rotateWebhookSecret', 'revealWebhookSecrets', 'testWebhook', 'replayWebhook', 'retryWebhookDelivery',
  'createAnnouncement', 'updateAnnouncement', 'deleteAnnouncement', 'sendAnnouncement', 'cancelAnnouncement', 'editAnnouncement', 'recallAnnouncement',
  'pauseJob', 'resumeJob', 'stopJob', 'retryJob', 'applyPlan', 'sendMessageToChannel',
  // Made through Stream's API only, except `restore`, a command.
  'updateChannel', 'updateChannels', 'truncateChannel', 'updateMember', 'undeleteMessage', 'updateThread', 'deleteFile',
  'deactivateUsers', 'reactivateUsers', 'deleteUsers', 'restoreUsers', 'updateApp', 'createChannelType', 'updateChannelType', 'deleteChannelType',
  'createBlocklist', 'updateBlocklist', 'deleteBlocklist', 'createRole', 'deleteRole', 'restore',
] as const;
type Operation = (typeof OPERATIONS)[number];

export const isKnown = (operation: string): operation is Operation => OPERATIONS.some((each) => each === operation);

/** The kinds of things that changes are about. */
export const KINDS = ['channel', 'user', 'member', 'message', 'restriction', 'announcement', 'job', 'webhook', 'setting', 'file', 'database'] as const;
export const isKind = (kind: string): kind is (typeof KINDS)[number] => KINDS.some((each) => each === kind);

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

/** What the change did something to: without the job that does it, and without the shadow ban that a ban names too, where there was none. */
export const targetsOf = ({ operation, targets }: Change): Target[] =>
  targets.filter(({ kind, before, after }) => (kind === 'job' ? operation.endsWith('Job') : before !== null || after !== null || kind !== 'restriction' || /^(set|create|revoke)/.test(operation)));

/** How many that are. */
export const countOf = (change: Change): number => change.targetCount - (change.targets.length - targetsOf(change).length);

/** Whether a sender deleted a message of its own: nobody else may undo that. */
const isSenders = ({ operation, by, targets }: Change): boolean => operation === 'deleteMessage' && targets.some(({ userId }) => userId === by);

/** Whether the holder of the token may undo a change. That a sender may is for the sender alone, so the record doesn't say it. */
export const mayUndo = (change: Change, holder: string | undefined): boolean =>
  change.outcome === 'DONE' && (change.canUndo || (isSenders(change) && change.by === holder && change.undoneBy === null));

/** Why a change can't be undone, by the key of the words; undefined if it can be, or was, or had no effect. */
export function whyNot(change: Change, holder: string | undefined) {
  const { operation, outcome, targets, undoneBy } = change;
  if (outcome !== 'DONE' || undoneBy !== null || mayUndo(change, holder)) return undefined;
  if (isSenders(change)) return 'whyNotSender';
  if (operation === 'undo') return 'whyNotUndo';
  if (operation === 'createUserToken' || operation === 'revokeUserTokens') return 'whyNotToken';
  if (operation === 'eraseNow') return 'whyNotErased';
  if (operation === 'deleteChannels') return 'whyNotGone';
  if (operation === 'sendAnnouncement') return 'whyNotSent';
  if (targets.some(made)) return 'whyNotMade';
  return STORED.has(operation) && targets.every(({ before, after }) => before === after) ? 'whyNotSame' : 'whyNot';
}

/** Operations that can be undone if they made anything different. */
const STORED: ReadonlySet<string> = new Set<Operation>([
  'createOrUpdateChannel', 'freezeChannel', 'addMembers', 'removeMembers', 'editMessage', 'pinMessage', 'deleteMessage', 'setRoles', 'setRoleToUsersOnChat',
  'upsertChatUsers', 'banUser', 'unbanUser', 'muteUser', 'unmuteUser', 'updateWebhook', 'updateChannel', 'updateChannels', 'updateMember',
]);

/** What somebody did, after the name of who it was. */
export function useDeed(): (change: Change) => string {
  const { t } = useTranslation('changes');
  return (change) => {
    const { operation, outcome } = change;
    const known = isKnown(operation);
    // Nobody but the back office may read some things either.
    const what = known ? t(`op_${operation}`) : outcome === 'REFUSED' ? t('reading', { what: operation }) : operation;
    if (outcome === 'REFUSED') return t('refusedTo', { what: said(what) });
    if (outcome === 'FAILED') return t('failedTo', { what: said(what) });
    if (outcome === 'UNKNOWN') return t('unknownIf', { what: said(what) });
    if (!known) return t('did_unknown', { what });
    const count = countOf(change);
    const targets = targetsOf(change);
    const first = targets[0];
    switch (operation) {
      case 'createOrUpdateChannel':
        return first?.before === null ? t('did_createChannel') : t('did_changeChannel');
      case 'freezeChannel':
        return t(targets.some(({ after }) => stateOf(after)?.['frozen'] === false) ? 'did_thaw' : 'did_freeze', { count });
      case 'pinMessage':
        return Number(stateOf(first?.after ?? null)?.['pinned_at'] ?? 1) === 0 ? t('did_unpin') : t('did_pin');
      case 'setRoleToUsersOnChat':
        return t('did_setRoles', { count });
      case 'usersImport':
        return t('did_import', { count });
      case 'banUser':
      case 'unbanUser':
      case 'muteUser':
      case 'unmuteUser':
        return t(`did_${operation}${first?.cid == null ? '' : 'Here'}${new Set(targets.map(({ userId }) => userId)).size > 1 ? 'Many' : ''}`);
      default:
        return t(`did_${operation}`, { count });
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

/** Columns that say nothing to a clerk: copies for sorting, who or when, which stands above, and what no form has. */
const SILENT = /^(name_key|name_text|text_key|created_by|created_at|made_by|added_at|read_at|read_seq|updated_at|edited_at|deleted_at|parent|aside|type|erased|html|extra(\..*)?|version|seq)$/;

export const isSilent = (field: string): boolean => SILENT.test(field);

/** What a change made different about a thing. */
export function useDifferences(): (target: Target) => Difference[] {
  const words = useValue();
  return ({ kind, before: was, after: is }) => {
    const before = stateOf(was);
    const after = stateOf(is);
    const fields = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])].filter((field) => !isSilent(field));
    return fields.flatMap((field) => {
      const label = words.label(kind, field);
      const [from, to] = [before, after].map((state) => (state === undefined ? undefined : words.value(kind, field, state[field])));
      if (label === undefined || from === to || (from ?? to) === undefined) return [];
      const [was, is] = words.isFlag(kind, field) && before !== undefined && after !== undefined ? [from ?? words.no, to ?? words.no] : [from, to];
      return [{ field, label, before: was, after: is }];
    });
  };
}

/** How columns are called. */
export const LABELS = {
  name: 'fieldName', avatar: 'fieldAvatar', frozen: 'fieldFrozen', disabled: 'fieldDisabled', cooldown: 'fieldCooldown', role: 'fieldRole',
  text: 'fieldText', attachments: 'fieldAttachments', mentions: 'fieldMentions', pinned_at: 'fieldPinned', pin_expires: 'fieldPinExpires', archived_at: 'fieldArchived',
  until: 'fieldUntil', reason: 'reason', tokens_after: 'fieldTokens', deactivated_at: 'fieldDeactivated',
  url: 'fieldURL', description: 'fieldDescription', events: 'fieldEvents', enabled: 'fieldEnabled',
} as const;

/** Fields and their values in words. What is as it is by itself is undefined. */
function useValue() {
  const { t } = useTranslation(['changes', 'users']);
  const { moment, number, list } = useFormats();
  const roles: Record<string, string> = { user: t('users:USER'), moderator: t('users:MODERATOR'), admin: t('users:ADMIN') };
  const label = (kind: string, field: string): string | undefined => (kind === 'member' ? undefined : field in LABELS ? t(LABELS[field as keyof typeof LABELS]) : field);
  const value = (kind: string, field: string, of: unknown): string | undefined => {
    if (of === undefined || of === null || of === '') return undefined;
    if (isFlag(kind, field)) return Number(of) !== 0 ? t('yes') : undefined;
    if (field === 'until') return Number(of) === 0 ? t('forever') : moment.format(new Date(Number(of) / 1000));
    if (field.endsWith('_at') || field === 'tokens_after' || field === 'pin_expires') return Number(of) === 0 ? undefined : moment.format(new Date(Number(of) / 1000));
    if (field === 'cooldown') return Number(of) === 0 ? undefined : t('seconds', { count: Number(of) });
    if (field === 'attachments') return t('files', { count: listed(of).length });
    if (field === 'mentions' || field === 'events') return listed(of).length === 0 ? undefined : list.format(listed(of));
    if (field === 'role') return roles[String(of)] ?? String(of);
    return typeof of === 'number' ? number.format(of) : typeof of === 'string' ? of : JSON.stringify(of);
  };
  return { label, value, isFlag, no: t('no') };
}

const FLAGS: ReadonlySet<string> = new Set(['frozen', 'disabled', 'enabled']);
const isFlag = (kind: string, field: string): boolean => FLAGS.has(field) || (field === 'pinned_at' && kind === 'message');

/** What a list in JSON has. */
function listed(json: unknown): string[] {
  try {
    const list: unknown = typeof json === 'string' ? JSON.parse(json) : json;
    return Array.isArray(list) ? list.map(String) : [];
  } catch {
    return [];
  }
}
