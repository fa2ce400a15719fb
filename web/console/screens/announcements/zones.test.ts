import { expect, test } from 'vitest';

import { hasZone, localIn, momentIn } from './zones.ts';

test.each([
  ['Europe/Berlin', '2026-12-01T08:00', '2026-12-01T07:00:00.000Z'],
  ['Europe/Berlin', '2026-03-29T02:30', '2026-03-29T01:00:00.000Z'], // skipped
  ['Europe/Berlin', '2026-03-29T03:00', '2026-03-29T01:00:00.000Z'],
  ['Europe/Berlin', '2026-10-25T02:30', '2026-10-25T00:30:00.000Z'], // twice
  ['America/New_York', '2026-03-08T02:15', '2026-03-08T07:00:00.000Z'], // skipped
  ['America/New_York', '2026-11-01T01:30', '2026-11-01T05:30:00.000Z'], // twice
  ['Australia/Lord_Howe', '2026-10-04T02:15', '2026-10-03T15:30:00.000Z'], // half an hour is skipped
  ['Pacific/Apia', '2026-06-01T00:00', '2026-05-31T11:00:00.000Z'],
  ['Pacific/Apia', '2011-12-30T12:00', '2011-12-30T10:00:00.000Z'], // a whole day is skipped
  ['Pacific/Kwajalein', '1969-09-30T12:00', '1969-09-30T01:00:00.000Z'], // nearly a whole day twice
  ['Antarctica/Troll', '2026-03-29T02:30', '2026-03-29T01:00:00.000Z'], // two hours are skipped
  ['Africa/Casablanca', '2026-03-22T02:30', '2026-03-22T02:00:00.000Z'], // skipped, after Ramadan
  ['Atlantic/Azores', '2028-02-29T23:30', '2028-03-01T00:30:00.000Z'],
  ['Asia/Kathmandu', '2026-06-01T00:00', '2026-05-31T18:15:00.000Z'],
  ['UTC', '2026-06-01T00:00', '2026-06-01T00:00:00.000Z'],
])('in %s, %s is %s', (zone, local, moment) => {
  expect(momentIn(zone, local)?.toISOString()).toBe(moment);
});

test('what is no time has no moment, and a moment has a time', () => {
  expect(momentIn('UTC', '')).toBeUndefined();
  expect(localIn('Europe/Berlin', new Date('2026-12-01T07:00:00Z'))).toBe('2026-12-01T08:00');
  expect(hasZone('Europe/Berlin') && !hasZone('Europe/Atlantis')).toBe(true);
});
