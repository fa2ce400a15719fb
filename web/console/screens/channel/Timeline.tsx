import { Alert, Button, Group, Loader, Text, VisuallyHidden } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type KeyboardEvent, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { useErrorInWords } from '../../graphql/errors.ts';
import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import type { PostFragment } from './channel.generated.ts';
import type { Conversation, View } from './conversation.ts';
import { nameOf } from './draft.ts';
import { Message, type MessageActions } from './Message.tsx';
import type { Outbox, Outgoing } from './outbox.ts';
import { OutgoingMessage } from './OutgoingMessage.tsx';
import styles from './Timeline.module.css';
import { useStayAtEnd } from './useStayAtEnd.ts';

const TOGETHER = 5 * 60_000;
const ROW = 52;
const HEAD_ROOM = 48;
const LOAD_BEFORE = 12;
const NEAR_END = 60;
const READ_ALOUD = 300;

export interface TimelineHandle {
  /** Gives the focus back to a message. */
  focusPost(id: string): void;
  toEnd(): void;
}

interface Props {
  conversation: Conversation;
  view: View;
  outbox: Outbox;
  outgoing: readonly Outgoing[];
  actions: MessageActions;
  /** Takes a message that failed back to the composer. */
  onTake(entry: Outgoing): void;
  handle: Ref<TimelineHandle>;
}

type Row = { key: string; follows: boolean; day: string | undefined } & ({ post: PostFragment } | { entry: Outgoing });

/** The messages, of which only those in sight are in the page. */
export function Timeline({ conversation, view, outbox, outgoing, actions, onTake, handle }: Props) {
  const { t } = useTranslation('channel');
  const { day } = useFormats();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(view.posts, outgoing, (date) => day.format(date)), [view.posts, outgoing, day]);
  const [activeKey, setActive] = useState<string>();
  const [menuKey, setMenu] = useState<string>();
  const wanted = useRef<string>(undefined);

  const found = rows.findIndex(({ key }) => key === activeKey);
  const active = found < 0 ? rows.length - 1 : found;
  const virtualizer = useVirtualizer({
    count: rows.length,
    getScrollElement: () => scroller.current,
    estimateSize: () => ROW,
    getItemKey: useCallback((index: number) => rows[index]?.key ?? index, [rows]),
    overscan: 8,
    // One rendering for what a frame scrolls, not one for each event.
    useFlushSync: false,
    paddingStart: HEAD_ROOM,
    paddingEnd: 8,
    anchorTo: 'end',
    followOnAppend: true,
    scrollEndThreshold: NEAR_END,
    // The row that has the focus stays in the page wherever one scrolls to.
    rangeExtractor: useCallback(
      (range: Parameters<typeof defaultRangeExtractor>[0]) => {
        const shown = defaultRangeExtractor(range);
        return active < 0 || shown.includes(active) ? shown : [...shown, active].sort((a, b) => a - b);
      },
      [active],
    ),
  });
  const items = virtualizer.getVirtualItems();

  // Begins at the last message.
  const begun = useRef(false);
  useLayoutEffect(() => {
    if (begun.current || rows.length === 0) return;
    begun.current = true;
    virtualizer.scrollToEnd();
  }, [rows.length, virtualizer]);

  const first = virtualizer.range?.startIndex;
  const { hasOlder, loadingOlder, error } = view;
  useEffect(() => {
    if (begun.current && first !== undefined && first < LOAD_BEFORE && hasOlder && !loadingOlder && error === undefined) void conversation.loadOlder();
  }, [first, rows.length, hasOlder, loadingOlder, error, conversation]);

  const atEnd = rows.length === 0 || virtualizer.isAtEnd(NEAR_END);
  const last = view.posts.at(-1);
  const seen = useRef(last?.seq ?? 0);
  if (atEnd && last !== undefined) seen.current = last.seq;
  const unseen = atEnd ? 0 : countAfter(view.posts, seen.current);

  const focusRow = useCallback(
    (index: number, rows: readonly Row[]) => {
      const key = rows[index]?.key;
      if (key === undefined) return;
      wanted.current = key;
      setActive(key);
      virtualizer.scrollToIndex(index, { align: index === rows.length - 1 ? 'end' : 'auto' });
    },
    [virtualizer],
  );
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
    if (element === null || element === undefined) return;
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  });

  const latestRows = useRef(rows);
  latestRows.current = rows;
  const focusPost = useCallback(
    (id: string) => focusRow(latestRows.current.findIndex(({ key }) => key === id), latestRows.current),
    [focusRow],
  );
  const onMenu = useCallback(
    (id: string, open: boolean) => {
      setMenu(open ? id : undefined);
      if (!open) focusPost(id);
    },
    [focusPost],
  );

  const toEnd = useCallback(() => virtualizer.scrollToEnd(), [virtualizer]);
  useImperativeHandle(handle, () => ({ focusPost, toEnd }), [focusPost, toEnd]);

  const size = virtualizer.getTotalSize();
  useStayAtEnd(scroller, size, NEAR_END, toEnd);

  // What is sent is what one wants to see.
  const sending = outgoing.at(-1)?.key;
  useEffect(() => {
    if (sending !== undefined) toEnd();
  }, [sending, toEnd]);

  const onKeyDown = (event: KeyboardEvent) => {
    const row = rows[active];
    const target = event.target as HTMLElement;
    if (row === undefined || target.dataset['row'] !== row.key || event.ctrlKey || event.metaKey || event.altKey) return;
    const post = 'post' in row && row.post.deletedAt === null ? row.post : undefined;
    const does: Record<string, (() => void) | undefined> = {
      ArrowUp: () => focusRow(Math.max(active - 1, 0), rows),
      ArrowDown: () => focusRow(Math.min(active + 1, rows.length - 1), rows),
      Home: () => focusRow(0, rows),
      End: () => focusRow(rows.length - 1, rows),
      Enter: post && (() => setMenu(row.key)),
      ContextMenu: post && (() => setMenu(row.key)),
      e: post && (() => actions.edit(post)),
      p: post && (() => actions.pin(post)),
      Delete: post && (() => actions.remove(post)),
      Backspace: post && (() => actions.remove(post)),
    };
    const act = does[event.key] ?? does[event.key.toLowerCase()];
    if (act === undefined) return;
    event.preventDefault();
    act();
  };

  return (
    <div className={styles.timeline}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="feed"
        aria-label={t('messages')}
        aria-busy={loadingOlder}
        aria-describedby="channel-feed-keys"
        onKeyDown={onKeyDown}
      >
        <div className={styles.all} style={{ height: size }}>
          <Top view={view} />
          {items.map((item) => {
            const row = rows[item.index];
            if (row === undefined) return null;
            const { key } = row;
            return (
              <div
                key={key}
                ref={virtualizer.measureElement}
                data-index={item.index}
                data-row={key}
                className={styles.row}
                style={{ transform: `translateY(${item.start}px)` }}
                role="article"
                aria-posinset={item.index + 1}
                aria-setsize={hasOlder ? -1 : rows.length}
                aria-label={'post' in row ? t('messageOf', { name: nameOf(row.post.sender) }) : t('yourMessage')}
                tabIndex={item.index === active ? 0 : -1}
                onFocus={() => setActive(key)}
              >
                {'post' in row ? (
                  <Message
                    post={row.post}
                    follows={row.follows}
                    day={row.day}
                    actions={actions}
                    active={item.index === active}
                    menu={menuKey === key}
                    onMenu={onMenu}
                  />
                ) : (
                  <OutgoingMessage entry={row.entry} outbox={outbox} onTake={onTake} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      {error !== undefined && <OlderFailed error={error} onRetry={() => void conversation.loadOlder()} />}
      <VisuallyHidden id="channel-feed-keys">{t('feedKeys')}</VisuallyHidden>
      <ReadAloud post={last} />
      {!atEnd && (
        <Button className={styles.down ?? ''} size="compact-sm" radius="xl" variant={unseen > 0 ? 'filled' : 'default'} rightSection={<ArrowDown size={14} aria-hidden />} onClick={toEnd}>
          {unseen > 0 ? t('newMessages', { count: unseen }) : t('latest')}
        </Button>
      )}
    </div>
  );
}

/** What stands above the first message: that it is the first, or that older ones are coming. */
function Top({ view: { hasOlder } }: { view: View }) {
  const { t } = useTranslation('channel');
  return (
    <div className={styles.top}>
      {hasOlder ? (
        <Loader size="xs" color="gray" aria-hidden />
      ) : (
        <Text c="dimmed" fz="xs">
          {t('begins')}
        </Text>
      )}
    </div>
  );
}

/** Why older messages did not come; above the feed, which may hold nothing but messages. */
function OlderFailed({ error, onRetry }: { error: unknown; onRetry(): void }) {
  const { t } = useTranslation('channel');
  const inWords = useErrorInWords();
  return (
    <Alert className={styles.failed ?? ''} color="red" variant="light" p="xs">
      <Group gap="xs" justify="center">
        {inWords(error).text}
        <Button size="compact-xs" variant="default" onClick={onRetry}>
          {t('loadOlder')}
        </Button>
      </Group>
    </Alert>
  );
}

/** Lets screen readers hear what arrives. */
function ReadAloud({ post }: { post: PostFragment | undefined }) {
  const heard = useRef(post?.seq ?? 0);
  const [words, setWords] = useState('');
  useEffect(() => {
    if (post === undefined || post.seq <= heard.current) return;
    heard.current = post.seq;
    setWords(`${visible(nameOf(post.sender))}: ${post.text.slice(0, READ_ALOUD)}`);
  }, [post]);
  return <VisuallyHidden role="status">{words}</VisuallyHidden>;
}

function rowsOf(posts: readonly PostFragment[], outgoing: readonly Outgoing[], dayOf: (date: Date) => string): Row[] {
  let before: PostFragment | undefined;
  let dayBefore = '';
  const rows: Row[] = posts.map((post) => {
    const sent = new Date(post.createdAt);
    const date = sent.toDateString();
    const follows = before?.sender.id === post.sender.id && sent.getTime() - Date.parse(before.createdAt) < TOGETHER;
    const day = date === dayBefore ? undefined : dayOf(sent);
    before = post;
    dayBefore = date;
    return { key: post.id, follows, day, post };
  });
  for (const entry of outgoing) rows.push({ key: entry.key, follows: false, day: undefined, entry });
  return rows;
}

function countAfter(posts: readonly PostFragment[], seq: number): number {
  let count = 0;
  while (count < posts.length && (posts[posts.length - 1 - count]?.seq ?? 0) > seq) count++;
  return count;
}
