import { Group, Select, Text, TextInput } from '@mantine/core';
import { useTranslation } from 'react-i18next';

import { said } from '../../i18n/places.ts';
import { useMoments } from './words.ts';
import { localIn, momentIn, ZONES } from './zones.ts';

interface Props {
  /** The time on the clock there, e.g. 2026-12-01T08:00. */
  local: string;
  onLocal(local: string): void;
  zone: string;
  onZone(zone: string): void;
  /** What the server has against it. */
  trouble: string | undefined;
}

/** A local time and its zone, and the moment that they mean. */
export function Schedule({ local, onLocal, zone, onZone, trouble }: Props) {
  const { t } = useTranslation('announcements');
  const moments = useMoments();
  const due = momentIn(zone, local);
  const past = due !== undefined && due.getTime() <= Date.now();
  const skipped = due !== undefined && localIn(zone, due) !== local;
  return (
    <>
      <Group grow align="flex-start" preventGrowOverflow={false} gap="sm">
        <TextInput type="datetime-local" label={t('localTime')} value={local} error={trouble ?? (past ? t('past') : undefined)} onChange={(event) => onLocal(event.currentTarget.value)} />
        <Select
          label={t('zone')}
          data={ZONES.includes(zone) ? ZONES : [zone, ...ZONES]}
          value={zone}
          onChange={(value) => value !== null && onZone(value)}
          searchable
          allowDeselect={false}
          limit={50}
          nothingFoundMessage={t('noZone')}
        />
      </Group>
      {due !== undefined && (
        <Text fz="sm" role="status">
          {skipped && `${t('skipped')} `}
          {t('means', { when: said(moments(due, zone)) })}
        </Text>
      )}
    </>
  );
}
