import { Button, VisuallyHidden } from '@mantine/core';
import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { ArrowDown } from 'lucide-react';
import { useCallback, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, type Ref } from 'react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { named, nameOf } from '../../people.ts';
import type { Conversation, View } from './conversation.ts';
import { Message } from './Message.tsx';
import type { MessageActions } from './messageActions.ts';
import type { Outbox, Outgoing } from './outbox.ts';
import { OutgoingMessage } from './OutgoingMessage.tsx';
import styles from './Timeline.module.css';
import { InSight, OlderFailed, ReadAloud, Top } from './TimelineParts.tsx';
import { countAfter, rowsOf, type Row } from './timelineRows.ts';
import { keysOf, useRowFocus } from './useRowFocus.ts';
import { useStayAtEnd } from './useStayAtEnd.ts';

const ROW = 52;
const HEAD_ROOM = 48;
const LOAD_BEFORE = 12;
const NEAR_END = 60;

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

/** The messages, of which only those in sight are in the page. */
export function Timeline({ conversation, view, outbox, outgoing, actions, onTake, handle }: Props) {
  const { t } = useTranslation('channel');
  const { day } = useFormats();
  const scroller = useRef<HTMLDivElement>(null);
  const rows = useMemo(() => rowsOf(view.posts, outgoing, (date) => day.format(date)), [view.posts, outgoing, day]);
  const focus = useRowFocus(scroller, rows);
  const { active, focusPost } = focus;
  const virtualizer = useMessages(scroller, rows, active);
  focus.virtualizer.current = virtualizer;
  const toEnd = useCallback(() => virtualizer.scrollToEnd(), [virtualizer]);
  useImperativeHandle(handle, () => ({ focusPost, toEnd }), [focusPost, toEnd]);

  const first = virtualizer.range?.startIndex;
  useBegin(rows.length, toEnd);
  useOlder(conversation, view, first, rows.length);
  const size = virtualizer.getTotalSize();
  useStayAtEnd(scroller, size, NEAR_END, toEnd);
  // What is sent is what one wants to see.
  const sending = outgoing.at(-1)?.key;
  useEffect(() => {
    if (sending !== undefined) toEnd();
  }, [sending, toEnd]);

  const atEnd = rows.length === 0 || virtualizer.isAtEnd(NEAR_END);
  return (
    <div className={styles.timeline}>
      <div
        ref={scroller}
        className={styles.scroller}
        role="feed"
        aria-label={t('messages')}
        aria-busy={view.loadingOlder}
        aria-describedby="channel-feed-keys"
        onKeyDown={keysOf(focus, rows, actions)}
      >
        <div className={styles.all} style={{ height: size }}>
          <Top view={view} />
          {virtualizer.getVirtualItems().map((item) => {
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
                aria-setsize={view.hasOlder ? -1 : rows.length}
                aria-label={'post' in row ? t('messageOf', { name: (row.alike ? named : nameOf)(row.post.sender) }) : t('yourMessage')}
                tabIndex={item.index === active ? 0 : -1}
                onFocus={() => focus.setActive(key)}
              >
                {'post' in row ? (
                  <Message {...row} actions={actions} active={item.index === active} menu={focus.menuOf(key)} onMenu={focus.onMenu} />
                ) : (
                  <OutgoingMessage entry={row.entry} outbox={outbox} onTake={onTake} />
                )}
              </div>
            );
          })}
        </div>
      </div>
      <AtTop rows={rows} first={first} />
      {view.error !== undefined && <OlderFailed error={view.error} onRetry={() => void conversation.loadOlder()} />}
      <VisuallyHidden id="channel-feed-keys">{t('feedKeys')}</VisuallyHidden>
      <ReadAloud post={view.posts.at(-1)} />
      <ToEnd view={view} atEnd={atEnd} onClick={toEnd} onWheel={(by) => scroller.current?.scrollBy({ top: by })} />
    </div>
  );
}

function useMessages(scroller: { current: HTMLDivElement | null }, rows: readonly Row[], active: number) {
  return useVirtualizer({
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
}

/** Begins at the last message. */
function useBegin(length: number, toEnd: () => void): void {
  const begun = useRef(false);
  useLayoutEffect(() => {
    if (begun.current || length === 0) return;
    begun.current = true;
    toEnd();
  }, [length, toEnd]);
}

/** Loads older messages as one comes near the first. */
function useOlder(conversation: Conversation, { hasOlder, loadingOlder, error }: View, first: number | undefined, length: number): void {
  useEffect(() => {
    if (length > 0 && first !== undefined && first < LOAD_BEFORE && hasOlder && !loadingOlder && error === undefined) void conversation.loadOlder();
  }, [first, length, hasOlder, loadingOlder, error, conversation]);
}

/** Who wrote what is at the top, and when, once the head of that run has scrolled away. */
function AtTop({ rows, first }: { rows: readonly Row[]; first: number | undefined }) {
  const { day } = useFormats();
  const row = first === undefined ? undefined : rows[first];
  if (row === undefined || !('post' in row) || first === 0 || (!row.follows && row.day !== undefined)) return null;
  return <InSight name={nameOf(row.post.sender)} id={row.post.sender.id} alike={row.alike} day={day.format(new Date(row.post.createdAt))} />;
}

/** Leads to the last message, and tells how many are new. The wheel scrolls through it. */
function ToEnd({ view, atEnd, onClick, onWheel }: { view: View; atEnd: boolean; onClick(): void; onWheel(by: number): void }) {
  const { t } = useTranslation('channel');
  const last = view.posts.at(-1);
  const seen = useRef(last?.seq ?? 0);
  if (atEnd && last !== undefined) seen.current = last.seq;
  if (atEnd) return null;
  const unseen = countAfter(view.posts, seen.current);
  return (
    <Button
      className={styles.down ?? ''}
      size="compact-sm"
      radius="xl"
      variant={unseen > 0 ? 'filled' : 'default'}
      rightSection={<ArrowDown size={14} aria-hidden />}
      onClick={onClick}
      onWheel={(event) => onWheel(event.deltaY)}
    >
      {unseen > 0 ? t('newMessages', { count: unseen }) : t('latest')}
    </Button>
  );
}
