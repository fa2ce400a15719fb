import { useQuery } from '@apollo/client/react';
import { Alert, Text } from '@mantine/core';
import { TriangleAlert } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { useFormats } from '../i18n/formats.ts';
import { visible } from '../i18n/visible.ts';
import { Failure } from '../shell/Failure.tsx';
import { OneChangeDocument } from './changes.generated.ts';
import { idInTheWay, isOvertaken } from './conflict.ts';
import { Entry } from './Entry.tsx';
import { idsIn, usePeople } from './usePeople.ts';

interface Props {
  error: unknown;
  /** What the user wants, in a few words. */
  yours: string;
  /** What is so now, where no change tells it. */
  theirs?: string | undefined;
}

/** Why a form was not saved. If somebody else changed the same meanwhile: what, and what was to be saved. */
export function NotSaved({ error, ...both }: Props) {
  return isOvertaken(error) ? <Overtaken error={error} {...both} /> : <Failure error={error} />;
}

function Overtaken({ error, yours, theirs }: Props) {
  const { t } = useTranslation('changes');
  const { moment } = useFormats();
  const id = idInTheWay(error);
  const { data, loading } = useQuery(OneChangeDocument, { variables: { id: id ?? '' }, skip: id === undefined, fetchPolicy: 'network-only' });
  const change = data?.change ?? undefined;
  const people = usePeople(change === undefined ? [] : idsIn([change]));
  if (loading) return null;
  return (
    <Alert color="yellow" variant="default" role="alert" my="sm" icon={<TriangleAlert size={18} aria-hidden />}>
      <Text fz="sm" fw={600}>
        {t('overtakenTitle')}
      </Text>
      <Text fz="sm">
        {change === undefined ? t('overtakenUnknown') : t('overtaken', { by: change.by === '' ? t('nobody') : change.by, time: moment.format(new Date(change.at)) })}
      </Text>
      {(change !== undefined || theirs !== undefined) && (
        <Text fz="xs" fw={600} mt="xs">
          {t('theirs')}
        </Text>
      )}
      {change !== undefined ? <Entry change={change} people={people} whole bare /> : theirs !== undefined && <Typed text={theirs} />}
      <Text fz="xs" fw={600} mt="xs">
        {t('yours')}
      </Text>
      <Typed text={yours} />
    </Alert>
  );
}

function Typed({ text }: { text: string }) {
  return (
    <Text fz="sm" lineClamp={4} style={{ overflowWrap: 'anywhere', whiteSpace: 'pre-line' }}>
      <bdi>{visible(text)}</bdi>
    </Text>
  );
}
