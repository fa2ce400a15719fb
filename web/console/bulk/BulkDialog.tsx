import { CombinedGraphQLErrors } from '@apollo/client';
import { useApolloClient } from '@apollo/client/react';
import { Alert, Button, Group, Modal, Skeleton, Stack, Text, TextInput } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { ReasonField, reasonOf } from '../changes/ReasonField.tsx';
import { useUndo } from '../changes/useUndo.ts';
import { codeOf } from '../graphql/errors.ts';
import { once, useKeyFor } from '../graphql/key.ts';
import type { PlanInput } from '../graphql/types.generated.ts';
import { useFormats } from '../i18n/formats.ts';
import { said } from '../i18n/places.ts';
import { visible } from '../i18n/visible.ts';
import { Refusals } from '../screens/jobs/Failed.tsx';
import type { Job } from '../screens/jobs/job.ts';
import { Failure } from '../shell/Failure.tsx';
import { useStay } from '../shell/Unsaved.tsx';
import { ApplyPlanDocument } from './bulk.generated.ts';
import styles from './BulkDialog.module.css';
import { useFollow } from './useFollow.tsx';
import { usePlan, type Plan } from './usePlan.ts';

interface Props {
  /** For the number of targets. */
  title(count: number): string;
  /** How many there seem to be, until the plan says it. */
  about: number;
  /** Undefined while something is missing. */
  input: PlanInput | undefined;
  submit(count: number): string;
  /** In words at its end, and of what the plan says before. */
  over(job: Job): string;
  /** Whether it can be undone, if there are better words for that. */
  whether?: ((plan: Plan) => string) | undefined;
  /** Asks for the number of targets. */
  grave?: boolean;
  /** The targets by name, where they are known; else the plan's sample is shown. */
  names?: ReactNode;
  /** What is to be filled in besides. */
  children?: ReactNode;
  /** Does it at once instead, where there are few. */
  direct?: ((plan: Plan, reason: { reason?: string }, key: string) => Promise<void>) | undefined;
  onBegun?(): void;
  after?: () => void;
  onClose(): void;
}

/** Shows what an operation on many channels or users would do, and has it done with a job. */
export function BulkDialog({ title, about, input, submit, over, whether, grave = false, names, children, direct, onBegun, after, onClose }: Props) {
  const { t } = useTranslation(['bulk', 'shell']);
  const { plan, error: noPlan, ask } = usePlan(input);
  const [typed, setTyped] = useState('');
  const [reason, setReason] = useState('');
  const { apply, busy, error, before } = useApply(plan, ask, direct);
  const follow = useFollow();
  const undo = useUndo();
  const count = plan?.targets ?? about;
  const right = plan !== undefined && plan.targets > 0 && (!grave || digitsOf(typed) === String(plan.targets));
  const button = useRef<HTMLButtonElement>(null);
  const form = useRef<HTMLFormElement>(null);
  // It could not have the focus before.
  useEffect(() => {
    if (right && form.current?.contains(document.activeElement) !== true) button.current?.focus();
  }, [right]);

  const onSubmit = async (event: SubmitEvent) => {
    event.preventDefault();
    if (!right || input === undefined) return;
    const job = await apply({ plan: input, digest: plan.digest, ...reasonOf(reason) });
    if (job === undefined) return;
    if (job !== null) follow(job.id, { over, after, undo: () => undo(job.change === null ? [] : [job.change], after) });
    onBegun?.();
    onClose();
  };
  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={title(count)} size="lg" closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <form ref={form} onSubmit={(event) => void onSubmit(event)}>
        <Stack gap="sm">
          {children}
          {names ?? <Sample plan={plan} />}
          {noPlan !== undefined && <Failure error={noPlan} onRetry={() => void ask()} />}
          {noPlan === undefined && <Facts plan={plan} waiting={input !== undefined} users={input?.users != null} />}
          {plan !== undefined && plan.refusalCount > 0 && (
            <Alert color="yellow" variant="light" icon={<TriangleAlert size={18} aria-hidden />}>
              <Text fw={600} fz="sm" mb={4}>
                {t('leftOut', { count: plan.refusalCount })}
              </Text>
              <Refusals label={t('leftOutList')} rows={plan.refusals.map(({ target, message }) => ({ target, why: message }))} more={plan.refusalCount > plan.refusals.length} />
            </Alert>
          )}
          {plan?.targets === 0 && <Text c="var(--mantine-color-error)">{t('nothing')}</Text>}
          {plan !== undefined && plan.targets > 0 && <Text fz="sm">{whether?.(plan) ?? t(plan.canUndo ? 'canUndo' : 'cannotUndo')}</Text>}
          {grave && (
            <TextInput
              data-autofocus
              label={plan === undefined ? t('typeWaiting') : t('typeNumber', { number: plan.targets })}
              inputMode="numeric"
              autoComplete="off"
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          <ReasonField value={reason} onChange={setReason} />
          {before !== undefined && plan !== undefined && <Changed before={before} now={plan.targets} of={input?.users != null ? 'users' : 'channels'} />}
          {error !== undefined && <Failure error={error} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={busy} onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" ref={button} loading={busy} disabled={!right} {...(grave && { color: 'red' })}>
              {submit(count)}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Has a plan applied; the job is null if it was done at once. Where the targets are others by then, `before` is how many they were, and a new plan is asked for. */
function useApply(plan: Plan | undefined, ask: () => Promise<Plan | undefined>, direct: Props['direct']) {
  const client = useApolloClient();
  const keyFor = useKeyFor();
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [before, setBefore] = useState<number>();
  useStay(busy);
  const apply = async (input: { plan: PlanInput; digest: string; reason?: string }): Promise<Job | null | undefined> => {
    setBusy(true);
    setError(undefined);
    setBefore(undefined);
    try {
      if (direct !== undefined && plan !== undefined) {
        await direct(plan, reasonOf(input.reason ?? ''), keyFor(input));
        return null;
      }
      const { data } = await client.mutate({ mutation: ApplyPlanDocument, variables: { input }, context: once(keyFor(input)) });
      if (data?.applyPlan) return data.applyPlan.job;
      throw new Error('no answer');
    } catch (failure) {
      if (isOfAnother(failure)) {
        await ask();
        setBefore(plan?.targets ?? 0);
      } else setError(failure);
    }
    setBusy(false);
    return undefined;
  };
  return { apply, busy, error, before };
}

/** Whether what was planned is about other targets by now. */
function isOfAnother(error: unknown): boolean {
  return codeOf(error) === 'CONFLICT' && CombinedGraphQLErrors.is(error) && error.errors[0]?.extensions?.['field'] === 'input.digest';
}

function Changed({ before, now, of }: { before: number; now: number; of: 'channels' | 'users' }) {
  const { t } = useTranslation('bulk');
  return (
    <Alert color="yellow" variant="default" role="alert" icon={<TriangleAlert size={18} aria-hidden />} title={t('changed')}>
      {t('changedLead', { now: said(t(`of_${of}`, { count: now })), before: said(t(`of_${of}`, { count: before })) })}
    </Alert>
  );
}

function Facts({ plan, waiting, users }: { plan: Plan | undefined; waiting: boolean; users: boolean }) {
  const { t } = useTranslation('bulk');
  const { number } = useFormats();
  if (plan === undefined && !waiting) return null;
  const facts = users ? [{ name: t('users'), of: plan?.targets }] : [{ name: t('channels'), of: plan?.targets }, { name: t('messages'), of: plan?.messages }, { name: t('members'), of: plan?.members }];
  return (
    <dl className={styles.facts}>
      {facts.map(({ name, of }) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{of === undefined ? <Skeleton height="1.5rem" width="4rem" /> : number.format(of)}</dd>
        </div>
      ))}
    </dl>
  );
}

/** The first of those that it is about. */
function Sample({ plan }: { plan: Plan | undefined }) {
  const { t } = useTranslation('bulk');
  if (plan === undefined || plan.sample.length === 0) return null;
  return (
    <ul className={styles.sample} tabIndex={0} aria-label={t('sample')}>
      {plan.sample.map(({ target, name }) => (
        <li key={target}>
          {name !== null && <bdi>{visible(name)}</bdi>}
          <bdi dir="ltr" className={styles.id}>
            {target}
          </bdi>
        </li>
      ))}
      {plan.targets > plan.sample.length && <li className={styles.rest}>{t('more', { count: plan.targets - plan.sample.length })}</li>}
    </ul>
  );
}

/** The number somebody typed, in whatever digits and with separators or without. */
function digitsOf(typed: string): string {
  return typed
    .replace(/[\s.,٬٫'’]/g, '')
    .replace(/[٠-٩]/g, (digit) => String(digit.charCodeAt(0) - 0x660))
    .replace(/[۰-۹]/g, (digit) => String(digit.charCodeAt(0) - 0x6f0));
}
