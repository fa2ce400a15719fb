import { useQuery } from '@apollo/client/react';
import { SearchX } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useParams } from 'wouter';

import { useSession } from '../../auth/session.ts';
import { Empty } from '../../shell/Empty.tsx';
import { Failure } from '../../shell/Failure.tsx';
import { Loading, Screen } from '../../shell/Screen.tsx';
import { useJobEvents } from '../jobs/useJobEvents.ts';
import { AnnouncementDocument } from './announcements.generated.ts';
import { Compose } from './Compose.tsx';
import { NEW } from './kept.ts';
import { Report } from './Report.tsx';

/** One announcement: where it is written, or what became of it. */
export default function Announcement() {
  const { id = NEW } = useParams<{ id: string }>();
  const { holder } = useSession();
  if (holder === undefined) return null;
  return id === NEW ? <Compose key={`${holder.id} ${NEW}`} of={undefined} user={holder} /> : <Made key={`${holder.id} ${id}`} id={id} user={holder} />;
}

function Made({ id, user }: { id: string; user: { id: string; name: string } }) {
  const { t } = useTranslation('announcements');
  const { data, error, refetch } = useQuery(AnnouncementDocument, { variables: { id } });
  useJobEvents(
    () => void refetch().catch(() => undefined),
    ({ announcement, id: job, operation }) => announcement === id || job === id || operation === 'undo',
  );
  const of = data?.announcement;
  if (of != null) return of.job.state === 'DRAFT' ? <Compose of={of} user={user} /> : <Report of={of} user={user} />;
  if (of === undefined && error === undefined) return <Loading />;
  return (
    <Screen title={t('one')} back={{ href: '/announcements', label: t('back') }} operations={[{ document: AnnouncementDocument, variables: { id } }]}>
      {error !== undefined ? <Failure error={error} onRetry={() => void refetch()} /> : <Empty icon={SearchX} title={t('gone')} lead={t('goneLead')} />}
    </Screen>
  );
}
