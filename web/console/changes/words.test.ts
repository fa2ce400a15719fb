import { readdirSync, readFileSync } from 'node:fs';

import { describe, expect, test } from 'vitest';

import { ar } from '../i18n/ar.ts';
import { en } from '../i18n/en.ts';
import type { ShownChangeFragment } from './changes.generated.ts';
import { isSilent, KINDS, LABELS, mayUndo, OPERATIONS, targetsOf, whyNot } from './words.ts';

// Activity has words for whatever the server may record: the server's own lists say what that is.

const internal = new URL('../../../internal/', import.meta.url);
const read = (file: string) => readFileSync(new URL(file, internal), 'utf8');
const all = (of: string, what: RegExp) => [...of.matchAll(what)].map(([, found]) => found ?? '');

/** A customer's own business, of which no record is left, not even of a refusal. */
const CUSTOMERS = ['sendMessage', 'addReaction', 'removeReaction', 'markRead', 'sendTyping'];

const schema = readdirSync(new URL('graph/schema/', internal)).map((file) => read(`graph/schema/${file}`)).join('\n');
const mutations = all(schema, /^(?:extend )?type Mutation \{\n([\s\S]*?)^\}/gm).flatMap((fields) => all(fields, /^ {2}(\w+)\(/gm));
const commands = readdirSync(new URL('app/', internal)).filter((file) => /(?<!_test)\.go$/.test(file)).flatMap((file) => all(read(`app/${file}`), /chat\.Operation\{[\s\S]{0,120}?Name: "(\w+)"/g));
const byStream = all(read('streamapi/record.go').match(/recorded = map[\s\S]*?^\}/m)?.[0] ?? '', /": +"(\w+)"/g);

test('what leaves a record is found', () => {
  expect(mutations).toContain('deleteChannels');
  expect(commands).toEqual(expect.arrayContaining(['usersImport', 'restore']));
  expect(byStream).toContain('deleteFile');
});

test.each([...new Set([...mutations, ...commands, ...byStream])].filter((each) => !CUSTOMERS.includes(each)))('%s has words', (operation) => {
  expect(OPERATIONS).toContain(operation);
  for (const words of [en.changes, ar.changes]) {
    expect(words).toHaveProperty(`op_${operation}`);
    const deed = Object.keys(words).filter((key) => key.startsWith('did_')).map((key) => key.replace(/_(zero|one|two|few|many|other)$/, ''));
    const as = { createOrUpdateChannel: 'createChannel', freezeChannel: 'thaw', pinMessage: 'unpin', setRoleToUsersOnChat: 'setRoles', usersImport: 'import' }[operation] ?? operation;
    expect(deed).toContain(`did_${as}`);
  }
});

describe('what changes are about', () => {
  const kinds = all(read('chat/change.go'), /Target +TargetKind = "(\w+)"/g);

  test('has words, and the schema names it', () => {
    expect([...KINDS].sort()).toEqual([...kinds].sort());
    const named = schema.match(/type ChangeTarget \{\n {2}"(.*)"/)?.[1]?.split(/\W+| or /) ?? [];
    expect(named.filter((each) => each !== 'or' && each !== '').sort()).toEqual([...kinds].sort());
    for (const words of [en.changes, ar.changes]) for (const kind of kinds) expect(words).toHaveProperty(`kind_${kind}`);
  });

  test('has a label for each column that is no secret of the database', () => {
    const columns = new Set(all(read('sqlstore/state.go').match(/var stateRows[\s\S]*?^\}/m)?.[0] ?? '', /\{"(\w+)", (?:plain|flag|drifting)\}/g));
    expect(columns.size).toBeGreaterThan(20);
    expect([...columns].filter((column) => !isSilent(column) && !(column in LABELS))).toEqual([]);
  });
});

describe('what may be undone', () => {
  const target = { kind: 'message', cid: 'team:deals', userId: 'anna', item: 'm1', before: '{"deleted_at":0}', after: '{"deleted_at":1}' };
  const change = (of: Partial<ShownChangeFragment>): ShownChangeFragment => ({
    id: '1', seq: 1, operation: 'deleteMessage', by: 'clerk', via: 'GRAPHQL', reason: null, requestId: null, address: null, at: '2026-11-30T00:00:00Z', outcome: 'DONE', targets: [target], targetCount: 1,
    undoes: null, undoneBy: null, canUndo: true, ...of,
  });

  test.each([
    ['what the record says', {}, true, undefined],
    ['not what was refused', { outcome: 'REFUSED', canUndo: false }, false, undefined],
    ['not a sender’s own deletion', { by: 'anna', canUndo: false }, false, 'whyNotSender'],
    ['but by the sender', { by: 'clerk', canUndo: false, targets: [{ ...target, userId: 'clerk' }] }, true, undefined],
    ['once', { by: 'clerk', canUndo: false, undoneBy: '2', targets: [{ ...target, userId: 'clerk' }] }, false, undefined],
    ['not what made no difference', { operation: 'addMembers', canUndo: false, targets: [{ ...target, before: null, after: null }] }, false, 'whyNotSame'],
    ['not what was sent', { operation: 'sendAnnouncement', canUndo: false, targets: [] }, false, 'whyNotSent'],
    ['the rest of what was undone in part', { operation: 'deleteChannels', undoneBy: '2' }, true, undefined],
  ] as const)('%s', (_, of, may, why) => {
    expect(mayUndo(change(of as Partial<ShownChangeFragment>), 'clerk')).toBe(may);
    expect(whyNot(change(of as Partial<ShownChangeFragment>), 'clerk')).toBe(why);
  });

  test('a job that does it is no target', () => {
    expect(targetsOf(change({ operation: 'freezeChannel', targets: [{ ...target, kind: 'job' }, target] }))).toEqual([target]);
    expect(targetsOf(change({ operation: 'stopJob', targets: [{ ...target, kind: 'job' }] }))).toHaveLength(1);
  });
});
