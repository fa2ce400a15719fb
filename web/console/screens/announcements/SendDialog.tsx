import { useApolloClient, useQuery } from '@apollo/client/react';
import { Alert, Button, Group, Modal, SegmentedControl, Stack, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useEffect, useRef, useState, type SubmitEvent } from 'react';
import { useTranslation } from 'react-i18next';

import { isOvertaken } from '../../changes/conflict.ts';
import { NotSaved } from '../../changes/Overtaken.tsx';
import { once, useKeyFor } from '../../graphql/key.ts';
import { useErrorInWords } from '../../graphql/errors.ts';
import { said } from '../../i18n/places.ts';
import { Failure } from '../../shell/Failure.tsx';
import { LoadingRows } from '../../shell/Screen.tsx';
import { useToast } from '../../shell/toast.tsx';
import { useStay } from '../../shell/Unsaved.tsx';
import { Seen } from '../channel/Preview.tsx';
import { Refusals } from '../jobs/Failed.tsx';
import { AnnouncementDocument, AnnouncementPlanDocument, SendAnnouncementDocument, type AnnouncementPlanQuery, type ShownAnnouncementFragment } from './announcements.generated.ts';
import { useMoments } from './words.ts';
import { Schedule } from './Schedule.tsx';
import { hasZone, localIn, momentIn, ownZone } from './zones.ts';

const HOUR = 3_600_000;

/** What sending would do; then it is sent, now or at a time. */
export function SendDialog({ of, onClose }: { of: ShownAnnouncementFragment; onClose(): void }) {
  const { t } = useTranslation(['announcements', 'shell']);
  const client = useApolloClient();
  const toast = useToast();
  const inWords = useErrorInWords();
  const moments = useMoments();
  const keyFor = useKeyFor();
  const { data, error: noPlan, refetch } = useQuery(AnnouncementPlanDocument, { variables: { id: of.id }, fetchPolicy: 'network-only' });
  const plan = data?.announcementPlan as AnnouncementPlanQuery['announcementPlan'] | undefined;
  const [later, setLater] = useState(of.job.state === 'SCHEDULED');
  const { dueAt, localTime } = of.job;
  const [zone, setZone] = useState(of.job.zone !== null && hasZone(of.job.zone) ? of.job.zone : ownZone());
  const [local, setLocal] = useState(() => (localTime !== null && zone === of.job.zone ? localTime : localIn(zone, new Date(dueAt ?? Math.ceil(Date.now() / HOUR) * HOUR + HOUR))));
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<unknown>();
  const [mine, setMine] = useState('');
  useStay(busy);
  const form = useRef<HTMLFormElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  const known = plan !== undefined;
  // It could not have the focus before.
  useEffect(() => {
    if (known && form.current?.contains(document.activeElement) !== true) button.current?.focus();
  }, [known]);
  const due = momentIn(zone, local);
  const words = error === undefined ? undefined : inWords(error);
  const atTime = words?.field === 'input.localTime' || words?.field === 'input.zone';

  const submit = async (event: SubmitEvent) => {
    event.preventDefault();
    const input = { id: of.id, ifVersion: of.version, ...(later && { localTime: local, zone }) };
    setMine(plan?.preview.text ?? of.text);
    setBusy(true);
    setError(undefined);
    try {
      await client.mutate({ mutation: SendAnnouncementDocument, variables: { input }, context: once(keyFor(input)) });
      toast.done(later && due !== undefined ? t('scheduledDone', { when: said(moments(due, zone)) }) : t('sendDone'));
      onClose();
    } catch (failure) {
      if (isOvertaken(failure)) await client.refetchQueries({ include: [AnnouncementDocument, AnnouncementPlanDocument] }).catch(() => undefined);
      setError(failure);
      setBusy(false);
    }
  };
  const none = plan?.channels === 0;
  return (
    <Modal opened onClose={busy ? () => undefined : onClose} title={t('sendTitle')} size="lg" closeButtonProps={{ 'aria-label': t('shell:close') }}>
      <form ref={form} onSubmit={(event) => void submit(event)} noValidate>
        <Stack>
          {noPlan !== undefined && plan === undefined && <Failure error={noPlan} onRetry={() => void refetch()} />}
          {noPlan === undefined && plan === undefined && <LoadingRows rows={3} />}
          {plan !== undefined && <Plan plan={plan} />}
          <SegmentedControl
            size="sm"
            transitionDuration={0}
            aria-label={t('when')}
            value={later ? 'later' : 'now'}
            onChange={(value) => setLater(value === 'later')}
            data={[
              { value: 'now', label: t('now') },
              { value: 'later', label: t('later') },
            ]}
          />
          {later && <Schedule local={local} onLocal={setLocal} zone={zone} onZone={setZone} trouble={atTime ? words?.text : undefined} />}
          {error !== undefined && !atTime && <NotSaved error={error} yours={mine} theirs={of.text} />}
          <Group justify="flex-end" gap="xs">
            <Button variant="default" disabled={busy} onClick={onClose}>
              {t('cancel')}
            </Button>
            <Button type="submit" ref={button} loading={busy} disabled={plan === undefined || (none && !later) || (later && due === undefined)}>
              {later ? t('schedule') : plan === undefined ? t('send') : t('sendTo', { count: plan.channels })}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}

/** Who gets it, who refuses it and why, and how it looks. */
function Plan({ plan }: { plan: AnnouncementPlanQuery['announcementPlan'] }) {
  const { t } = useTranslation('announcements');
  const { sender, text, mentionedUsers, attachments } = plan.preview;
  return (
    <>
      <Text>{plan.members === 0 ? t('planEmpty', { count: plan.channels }) : t('planChannels', { count: plan.channels, members: said(t('members', { count: plan.members })) })}</Text>
      {plan.refusalCount > 0 && (
        <Alert color="yellow" variant="light" icon={<TriangleAlert size={18} aria-hidden />}>
          <Text fw={600} fz="sm" mb={4}>
            {t('refuse', { count: plan.refusalCount })}
          </Text>
          <Refusals label={t('refusals')} rows={plan.refusals.map(({ target, message }) => ({ target, why: message }))} more={plan.refusalCount > plan.refusals.length} />
        </Alert>
      )}
      <Seen sender={sender} text={text} people={mentionedUsers} attachments={attachments} />
    </>
  );
}
