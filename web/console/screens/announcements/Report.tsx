import { useApolloClient, useQuery } from '@apollo/client/react';
import { Alert, Button } from '@mantine/core';
import { CalendarClock, PenLine, Pencil, TriangleAlert, Undo2 } from 'lucide-react';
import { useEffect, useState, type ReactNode } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'wouter';

import { UndoDialog } from '../../changes/UndoDialog.tsx';
import { usePeople } from '../../changes/usePeople.ts';
import { newKey, once } from '../../graphql/key.ts';
import { useFormats } from '../../i18n/formats.ts';
import { said } from '../../i18n/places.ts';
import { visible } from '../../i18n/visible.ts';
import { named } from '../../people.ts';
import { Screen } from '../../shell/Screen.tsx';
import { useToast } from '../../shell/toast.tsx';
import { Seen } from '../channel/Preview.tsx';
import { Failed } from '../jobs/Failed.tsx';
import { isOpen, type Job } from '../jobs/job.ts';
import { MoveButtons } from '../jobs/MoveButtons.tsx';
import { Progress, State } from '../jobs/Progress.tsx';
import styles from './Announcements.module.css';
import { AnnouncementDocument, AnnouncementReadersDocument, CancelAnnouncementDocument, EditAnnouncementDocument, RecallAnnouncementDocument, type ShownAnnouncementFragment } from './announcements.generated.ts';
import { EverywhereDialog } from './EverywhereDialog.tsx';
import { RecallDialog } from './RecallDialog.tsx';
import { SendDialog } from './SendDialog.tsx';
import { isRecalled, useExcerpt, useWhen } from './words.ts';

/** What became of an announcement, and what can be done about it. */
export function Report({ of, user }: { of: ShownAnnouncementFragment; user: { id: string; name: string } }) {
  const { t } = useTranslation('announcements');
  const client = useApolloClient();
  const excerpt = useExcerpt();
  const [dialog, setDialog] = useState<'edit' | 'recall' | 'undo'>();
  const [params, setParams] = useSearchParams();
  const { job, recall } = of;
  const { state } = job;
  const people = usePeople([of.createdBy, of.sender, job.by]);
  const begun = job.begunAt !== null;
  const recalled = isRecalled(of);
  const sender = people.get(of.sender) ?? { id: of.sender, name: null };
  const close = () => setDialog(undefined);

  return (
    <Screen
      title={excerpt(of)}
      back={{ href: '/announcements', label: t('back') }}
      operations={[
        { document: AnnouncementDocument, variables: { id: of.id } },
        { document: EditAnnouncementDocument, variables: { input: { id: of.id, text: of.text } } },
        { document: RecallAnnouncementDocument, variables: { input: { id: of.id } } },
      ]}
      reading
    >
      {state === 'MISSED' && (
        <Alert color="red" variant="light" mb="md" icon={<TriangleAlert size={18} aria-hidden />} title={t('missed')}>
          {t('missedLead')}
        </Alert>
      )}
      <div className={styles.buttons}>
        {!begun && (
          <>
            <Button size="sm" leftSection={<CalendarClock size={16} aria-hidden />} onClick={() => setParams({ send: '' }, { replace: true })}>
              {state === 'SCHEDULED' ? t('changeTime') : t('decide')}
            </Button>
            <Cancel id={of.id} />
          </>
        )}
        {begun && !recalled && (
          <>
            {!isOpen(job) && (
              <Button size="sm" variant="default" leftSection={<Pencil size={16} aria-hidden />} onClick={() => setDialog('edit')}>
                {t('editEverywhere')}
              </Button>
            )}
            <Button size="sm" variant="default" c="var(--mantine-color-error)" leftSection={<Undo2 size={16} aria-hidden className="bc-mirror" />} onClick={() => setDialog('recall')}>
              {t('recall')}
            </Button>
          </>
        )}
        {recalled && recall !== null && recall.change !== null && recall.done > 0 && !isOpen(recall) && (
          <Button size="sm" variant="default" leftSection={<Undo2 size={16} aria-hidden className="bc-mirror" />} onClick={() => setDialog('undo')}>
            {t('bringBack')}
          </Button>
        )}
      </div>
      <Facts of={of} by={named(people.get(job.by || of.createdBy) ?? { id: job.by || of.createdBy || t('server'), name: null })} />
      {job.failed > 0 && (
        <section className={styles.part} aria-label={t('failed')}>
          <h2>{t('failed')}</h2>
          <Failed key={job.failed} job={job} />
        </section>
      )}
      <section className={styles.part} aria-label={t('message')}>
        <h2>{t('message')}</h2>
        <Seen sender={sender} text={of.text} people={of.mentionedUsers} attachments={of.attachments} />
      </section>
      {!begun && params.has('send') && <SendDialog of={of} onClose={() => setParams({}, { replace: true })} />}
      {dialog === 'edit' && <EverywhereDialog of={of} sender={user} onClose={close} />}
      {dialog === 'recall' && <RecallDialog of={of} onClose={close} />}
      {dialog === 'undo' && recall?.change != null && (
        <UndoDialog title={t('bringBackTitle')} submit={t('bringBackSubmit')} wanted={[{ change: recall.change }]} people={people} onDone={() => void client.refetchQueries({ include: [AnnouncementDocument] })} onClose={close}>
          {t('bringBackLead', { count: recall.done })}
        </UndoDialog>
      )}
    </Screen>
  );
}

/** Makes it a draft again, which can be changed. */
function Cancel({ id }: { id: string }) {
  const { t } = useTranslation('announcements');
  const client = useApolloClient();
  const toast = useToast();
  const cancel = () => {
    const context = once(newKey());
    void toast.attempt(async () => {
      await client.mutate({ mutation: CancelAnnouncementDocument, variables: { input: { id } }, context });
      toast.done(t('cancelled'));
    });
  };
  return (
    <Button size="sm" variant="default" leftSection={<PenLine size={16} aria-hidden />} onClick={cancel}>
      {t('makeDraft')}
    </Button>
  );
}

function Facts({ of, by }: { of: ShownAnnouncementFragment; by: string }) {
  const { t } = useTranslation('announcements');
  const when = useWhen();
  const { job, edit, recall, recallUndoneBy: undoneBy } = of;
  return (
    <dl className={styles.facts}>
      <Fact name={t('state')}>
        <Work job={job} name={t('sending')} />
      </Fact>
      <Fact name={job.begunAt === null ? t('due') : t('sent')}>{when(job)}</Fact>
      <Fact name={t('by')}>
        <bdi>{visible(by)}</bdi>
      </Fact>
      <Fact name={t('to')}>
        <For of={of} />
      </Fact>
      {job.begunAt !== null && <Readers id={of.id} done={job.done} />}
      {edit !== null && (
        <Fact name={t('edited')}>
          <Work job={edit} name={t('edited')} />
        </Fact>
      )}
      {recall !== null && (
        <Fact name={t('recalled')}>
          <Work job={recall} name={t('recalled')} />
          {undoneBy !== null && <Link href={`/activity?change=${undoneBy}`}>{t('recallUndone')}</Link>}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** How far one of its jobs is, and what can be done about that. */
function Work({ job, name }: { job: Job; name: string }) {
  return (
    <>
      <span className={styles.marks}>
        <State job={job} />
        <MoveButtons job={job} name={name} />
      </span>
      <Progress job={job} label={name} />
    </>
  );
}

/** Whom it was meant for. */
function For({ of: { channels } }: { of: ShownAnnouncementFragment }) {
  const { t } = useTranslation('announcements');
  const { date } = useFormats();
  const { cids, all, typeName, search, inactiveSince } = channels;
  if (all) return t('toAll');
  if (cids.length > 0) return t('toSome', { count: cids.length });
  const parts = [
    typeName != null && t('ofType', { type: typeName }),
    search != null && search !== '' && t('withSearch', { search }),
    inactiveSince !== null && t('silentSince', { date: date.format(new Date(inactiveSince)) }),
  ].filter((part) => part !== false);
  return t('toMatching', { filter: said(parts.join(', ')) });
}

/** How many had read it, where the chat tells. */
function Readers({ id, done }: { id: string; done: number }) {
  const { t } = useTranslation('announcements');
  const { data, refetch } = useQuery(AnnouncementReadersDocument, { variables: { id } });
  useEffect(() => {
    if (done > 0) void refetch().catch(() => undefined);
  }, [done, refetch]);
  const readers = data?.announcementReaders;
  if (readers === undefined) return null;
  const words = readers === null ? t('readersUnknown') : readers.members === 0 ? t('readersNone') : t('readersOf', { count: readers.read, members: readers.members });
  return <Fact name={t('readers')}>{words}</Fact>;
}
