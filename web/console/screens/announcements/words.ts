import { useTranslation } from 'react-i18next';

import { useFormats } from '../../i18n/formats.ts';
import { visible } from '../../i18n/visible.ts';
import { nameOf } from '../../people.ts';
import { mentionedIn, type Draft } from '../channel/draft.ts';
import { plainOf } from '../channel/markdown.ts';
import type { Job } from '../jobs/job.ts';
import type { ShownAnnouncementFragment } from './announcements.generated.ts';
import { hasZone, ownZone } from './zones.ts';

export function draftOf(of: ShownAnnouncementFragment): Draft {
  return {
    text: of.text,
    attachments: of.attachments.map(({ type: _type, titleLink, ...rest }) => ({ ...rest, titleLink: titleLink ?? '' })),
    picked: of.mentionedUsers.map(({ id, name }) => ({ id, name })),
  };
}

/** Who is mentioned: those named in the text, and who was so without being named in it. */
export function mentionsOf(draft: Draft, before: ShownAnnouncementFragment | undefined): string[] {
  const silent = before?.mentionedUsers.filter((person) => !before.text.includes(`@${nameOf(person)}`)) ?? [];
  return [...new Set([...mentionedIn(draft), ...silent].map(({ id }) => id))];
}

/** Whether it is recalled, and that wasn't undone. */
export const isRecalled = ({ recall, recallUndoneBy }: ShownAnnouncementFragment): boolean => recall !== null && recallUndoneBy === null;

/** The first words of what it says, for a list. */
export function useExcerpt(): (of: ShownAnnouncementFragment) => string {
  const { t } = useTranslation('announcements');
  return ({ text, attachments }) => {
    const line = plainOf(text).trim().replaceAll(/\s+/g, ' ');
    const letters = [...line];
    if (letters.length > 0) return visible(letters.length > 120 ? `${letters.slice(0, 120).join('')}…` : line);
    return t('onlyFiles', { count: attachments.length });
  };
}

/** A moment in a zone, named; and where the clerk's own clock shows another time, that one too. */
export function useMoments(): (moment: Date, zone: string) => string {
  const { t, i18n } = useTranslation('announcements');
  const { moment: own } = useFormats();
  return (moment, zone) => {
    const here = own.format(moment);
    if (!hasZone(zone)) return t('atThere', { time: here, zone: ownZone() });
    const there = new Intl.DateTimeFormat(own.resolvedOptions().locale || i18n.language, { dateStyle: 'medium', timeStyle: 'short', timeZone: zone }).format(moment);
    return there === here ? t('atThere', { time: there, zone }) : t('atThereAndHere', { time: there, zone, own: here, ownZone: ownZone() });
  };
}

/** When it was or will be sent, in words. */
export function useWhen(): (job: Job) => string {
  const { t } = useTranslation('announcements');
  const { moment } = useFormats();
  const inWords = useMoments();
  return (job) => {
    if (job.state === 'DRAFT') return t('changedAt', { time: moment.format(new Date(job.createdAt)) });
    if (job.begunAt === null && job.dueAt !== null) return inWords(new Date(job.dueAt), job.zone ?? ownZone());
    return moment.format(new Date(job.begunAt ?? job.createdAt));
  };
}
