import { Button, Group, Text } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { Check, TriangleAlert } from 'lucide-react';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

import { mayPass, useErrorInWords } from '../graphql/errors.ts';

const TIME_TO_UNDO = 12_000;

/** What undoes what was done; undefined if nothing can. */
export type Undo = (() => void) | undefined;

/** What a button of a note does. */
interface Way {
  label: string;
  run(): void;
}

/** Better words for a failure, and ways out of it. */
export interface Explained {
  text: string;
  actions: readonly Way[];
}

/** What the newest notice in sight can undo. */
let newest: { id: string; undo: () => void } | undefined;

/** Undoes what the newest notice offers to undo: Ctrl or Cmd and Z. */
export function undoNewest(): void {
  if (newest === undefined) return;
  const { id, undo } = newest;
  notifications.hide(id);
  undo();
}

/** Short notes in the corner. */
export function useToast() {
  const { t } = useTranslation('shell');
  const { t: tError } = useTranslation('errors');
  const inWords = useErrorInWords();
  return useMemo(() => {
    const show = (message: string, undo: Undo, open: (() => void) | Way | undefined): void => {
      const id = notifications.show({
        color: 'sea',
        icon: <Check size={16} aria-hidden />,
        autoClose: undo === undefined && open === undefined ? 5000 : TIME_TO_UNDO,
        closeButtonProps: { 'aria-label': t('close') },
        onClose: () => {
          if (newest?.id === id) newest = undefined;
        },
        message: (
          <Note
            text={message}
            buttons={[
              ...(undo === undefined ? [] : [{ label: t('undo'), onClick: () => take(id, undo) }]),
              ...(open === undefined ? [] : [typeof open === 'function' ? { label: t('open'), onClick: () => take(id, open) } : { label: open.label, onClick: () => take(id, open.run) }]),
            ]}
          />
        ),
      });
      if (undo !== undefined) newest = { id, undo };
    };
    /**
     * Something was done; with `undo` it can be undone for a while, and `open` shows it, or what its label says.
     * The notice waits until it is known whether it can be undone.
     */
    const done = (message: string, undo?: Undo | Promise<Undo>, open?: (() => void) | Way): void => {
      if (undo instanceof Promise) void undo.then((known) => show(message, known, open));
      else show(message, undo, open);
    };
    /** Something failed. It stays until it is closed, or tried again; `explained` has better words for it. */
    const failed = (error: unknown, retry?: () => void, explained?: Explained): void => {
      const { text, requestId } = inWords(error);
      const words = explained?.text ?? (requestId === undefined ? text : `${text} ${tError('requestId', { id: requestId })}`);
      const ways = explained?.actions ?? (retry === undefined ? [] : [{ label: tError('retry'), run: retry }]);
      const id = notifications.show({
        color: 'red',
        icon: <TriangleAlert size={16} aria-hidden />,
        autoClose: false,
        title: tError('title'),
        closeButtonProps: { 'aria-label': t('close') },
        message: <Note text={words} buttons={ways.map(({ label, run }) => ({ label, onClick: () => take(id, run) }))} />,
      });
    };
    /**
     * Does something, and where that failed for a reason that may pass offers to do
     * the same again: with the same key, so make that outside. Says whether it was done.
     * `explain` may have better words for a failure, and ways out of it.
     */
    const attempt = async (act: () => Promise<void>, explain?: (error: unknown) => Promise<Explained | undefined>): Promise<boolean> => {
      try {
        await act();
        return true;
      } catch (error) {
        failed(error, mayPass(error) ? () => void attempt(act, explain) : undefined, await explain?.(error));
        return false;
      }
    };
    return { done, failed, attempt };
  }, [t, tError]); // inWords depends on the language alone, as these do.
}

function take(id: string, act: () => void): void {
  notifications.hide(id);
  act();
}

function Note({ text, buttons }: { text: string; buttons: readonly { label: string; onClick(): void }[] }) {
  return (
    <Group justify="space-between" gap="xs">
      <Text fz="sm" flex="1 1 10rem" style={{ overflowWrap: 'anywhere' }}>
        {text}
      </Text>
      {buttons.map(({ label, onClick }) => (
        <Button key={label} size="compact-sm" variant="default" flex="none" onClick={onClick}>
          {label}
        </Button>
      ))}
    </Group>
  );
}
