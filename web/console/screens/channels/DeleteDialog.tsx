import { Button, Group, Modal, Progress, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { useEffect, useMemo, useRef, useState, type FormEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { ReasonField, reasonOf } from '../../changes/ReasonField.tsx';
import { useTakeBack } from '../../changes/useTakeBack.ts';
import { useFormats } from '../../i18n/formats.ts';
import { Failure } from '../../shell/Failure.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import type { Actions, Contents } from './actions.ts';
import styles from './DeleteDialog.module.css';
import { Deletion, type Progress as Done } from './deletion.ts';
import { Named } from './Named.tsx';
import type { Row } from './rows.ts';

interface Props {
  /** What to delete, as it was when the dialog was opened. */
  rows: readonly Row[];
  /** How many of them the search and filter hide. */
  hidden: number;
  actions: Actions;
  onGone(cids: readonly string[]): void;
  onClose(): void;
}

/** Says what will go, asks for its number, and does it by the hundred. */
export function DeleteDialog({ rows, hidden, actions, onGone, onClose }: Props) {
  const { t } = useTranslation('channels');
  const { t: tShell } = useTranslation('shell');
  const toast = useToast();
  const cids = useMemo(() => rows.map(({ cid }) => cid), [rows]);
  const { contents, error: unknown, ask } = usePreview(actions, cids);
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const takeBack = useTakeBack();
  const canComeBack = contents?.restorableUntil != null;
  const [progress, setProgress] = useState<Done>();
  const [running, setRunning] = useState(false);
  const deletion = useRef<Deletion>(undefined);

  useStay(running);
  useEffect(() => () => deletion.current?.stop(), []); // Nobody would see it go on.

  const run = async () => {
    deletion.current ??= new Deletion(cids, (batch, key) => actions.deleteBatch(batch, key, reasonOf(reason)), onGone);
    setRunning(true);
    setProgress((before) => ({ gone: before?.gone ?? 0, left: deletion.current?.left.length ?? 0, error: undefined }));
    const end = await deletion.current.run(setProgress);
    setRunning(false);
    if (end.left > 0) return setProgress(end);
    toast.done(t('deleted', { count: end.gone }), canComeBack ? takeBack(deletion.current.changes) : undefined);
    onClose();
  };
  const right = contents !== undefined && digitsOf(typed) === String(contents.channels);
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (right && !running) void run();
  };
  const count = { count: rows.length };
  const left = deletion.current?.left ?? [];

  return (
    <Modal
      opened
      onClose={onClose}
      title={t('deleteTitle', count)}
      size="lg"
      withCloseButton={!running}
      closeOnEscape={!running}
      closeOnClickOutside={!running}
      closeButtonProps={{ 'aria-label': tShell('close') }}
    >
      {progress === undefined ? (
        <form onSubmit={submit}>
          <Stack gap="sm">
            <Named channels={rows} label={t('deleteNames')} />
            {unknown !== undefined && <Failure error={unknown} onRetry={ask} />}
            {unknown === undefined && <WhatGoes contents={contents} />}
            {hidden > 0 && <Text c="var(--mantine-color-error)">{t('deleteHidden', { count: hidden })}</Text>}
            <Whether until={contents?.restorableUntil} count={rows.length} />
            <TextInput
              data-autofocus
              label={contents === undefined ? t('deleteTypeWaiting') : t('deleteType', { number: contents.channels })}
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
            <ReasonField value={reason} onChange={setReason} />
            <Group justify="flex-end">
              <Group gap="xs">
                <Button variant="default" onClick={onClose}>
                  {t('cancel')}
                </Button>
                <Button type="submit" color="red" disabled={!right}>
                  {t('deleteDo', count)}
                </Button>
              </Group>
            </Group>
          </Stack>
        </form>
      ) : (
        <Stack gap="sm">
          <Progress.Root size="lg">
            <Progress.Section value={(100 * progress.gone) / Math.max(1, progress.gone + progress.left)} aria-label={t('deleteProgress')} />
          </Progress.Root>
          <Text role="status">
            {t('deletedOf', { gone: progress.gone, count: rows.length })}
          </Text>
          {progress.error !== undefined && (
            <>
              <Failure error={progress.error} />
              <Text>{t('deleteLeft', { count: left.length })}</Text>
              <Named channels={rows.filter(({ cid }) => left.includes(cid))} label={t('deleteNames')} />
            </>
          )}
          <Group justify="flex-end" gap="xs">
            {running ? (
              <Button variant="default" onClick={() => deletion.current?.stop()}>
                {t('deleteStop')}
              </Button>
            ) : (
              <>
                <Button variant="default" onClick={onClose}>
                  {tShell('close')}
                </Button>
                <Button color="red" onClick={() => void run()}>
                  {t('deleteGoOn')}
                </Button>
              </>
            )}
          </Group>
        </Stack>
      )}
    </Modal>
  );
}

function usePreview(actions: Actions, cids: readonly string[]) {
  const [contents, setContents] = useState<Contents>();
  const [error, setError] = useState<unknown>();
  const [asked, setAsked] = useState(0);
  useEffect(() => {
    let current = true;
    setError(undefined);
    actions.preview(cids).then(
      (found) => current && setContents(found),
      (failure: unknown) => current && setError(failure),
    );
    return () => {
      current = false;
    };
  }, [actions, cids, asked]);
  return { contents, error, ask: () => setAsked(asked + 1) };
}

/** Whether it can be taken back; nothing until that is known. */
function Whether({ until, count }: { until: string | null | undefined; count: number }) {
  const { t } = useTranslation('channels');
  const { moment } = useFormats();
  return <Text>{until === undefined ? ' ' : until === null ? t('deleteForGood') : t('deleteToBin', { count, time: moment.format(new Date(until)) })}</Text>;
}

function WhatGoes({ contents }: { contents: Contents | undefined }) {
  const { t } = useTranslation('channels');
  const { number } = useFormats();
  return (
    <dl className={styles.contents}>
      {(['channels', 'messages', 'members'] as const).map((what) => (
        <div key={what}>
          <dt>{t(`deleteOf_${what}`)}</dt>
          <dd>{contents === undefined ? <Skeleton height="1.5rem" width="4rem" /> : number.format(contents[what])}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The number somebody typed, in whatever digits and with separators or without. */
function digitsOf(typed: string): string {
  return typed
    .replace(/[\s.,٬٫'’]/g, '')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0));
}
