import type { Virtualizer } from '@tanstack/react-virtual';
import { useCallback, useLayoutEffect, useRef, useState, type KeyboardEvent, type RefObject } from 'react';

import type { MessageActions, OpenMenu } from './messageActions.ts';
import type { Row } from './timelineRows.ts';

/** Which message has the focus, and which of its menus is open. */
export function useRowFocus(scroller: RefObject<HTMLDivElement | null>, rows: readonly Row[]) {
  const [activeKey, setActive] = useState<string>();
  const [menu, setMenu] = useState<{ key: string; which: OpenMenu }>();
  const wanted = useRef<string>(undefined);
  const virtualizer = useRef<Virtualizer<HTMLDivElement, Element>>(undefined);
  const latest = useRef(rows);
  latest.current = rows;
  const found = rows.findIndex(({ key }) => key === activeKey);
  const active = found < 0 ? rows.length - 1 : found;

  const focusRow = useCallback((index: number) => {
    const key = latest.current[index]?.key;
    if (key === undefined) return;
    wanted.current = key;
    setActive(key);
    virtualizer.current?.scrollToIndex(index, { align: index === latest.current.length - 1 ? 'end' : 'auto' });
  }, []);
  useLayoutEffect(() => {
    if (wanted.current === undefined) return;
    const element = scroller.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(wanted.current)}"]`);
    if (element === null || element === undefined) return;
    wanted.current = undefined;
    element.focus({ preventScroll: true });
  });
  const focusPost = useCallback((id: string) => focusRow(latest.current.findIndex(({ key }) => key === id)), [focusRow]);
  const onMenu = useCallback(
    (key: string, which: OpenMenu) => {
      setMenu({ key, which });
      if (which === undefined) focusPost(key);
    },
    [focusPost],
  );
  return { active, setActive, focusRow, focusPost, onMenu, menuOf: (key: string) => (menu?.key === key ? menu.which : undefined), virtualizer };
}

/** What the keys do on a message. */
export function keysOf({ active, focusRow, onMenu }: ReturnType<typeof useRowFocus>, rows: readonly Row[], actions: MessageActions) {
  return (event: KeyboardEvent) => {
    const row = rows[active];
    const target = event.target as HTMLElement;
    if (row === undefined || target.dataset['row'] !== row.key || event.ctrlKey || event.metaKey || event.altKey) return;
    const any = 'post' in row ? row.post : undefined;
    const post = any?.deletedAt === null ? any : undefined;
    // Later, or the menu would take the same key for one that is pressed elsewhere, and close.
    const open = (which: OpenMenu) => setTimeout(() => onMenu(row.key, which));
    const does: Record<string, (() => void) | undefined> = {
      ArrowUp: () => focusRow(Math.max(active - 1, 0)),
      ArrowDown: () => focusRow(Math.min(active + 1, rows.length - 1)),
      Home: () => focusRow(0),
      End: () => focusRow(rows.length - 1),
      Enter: post && (() => void open('message')),
      ContextMenu: post && (() => void open('message')),
      a: any && (() => void open('author')),
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
}
