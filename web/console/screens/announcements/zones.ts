// What a time on the clock of a zone means, by the server's rules: it is to be seen before it is sent.

const DAY = 86_400_000;

const clocks = new Map<string, Intl.DateTimeFormat>();

/** What the clock in the zone shows at a moment, as if it were UTC. */
function shown(moment: number, zone: string): number {
  const clock = clocks.get(zone) ?? new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' });
  clocks.set(zone, clock);
  const part = Object.fromEntries(clock.formatToParts(moment).map(({ type, value }) => [type, Number(value)])) as Record<'year' | 'month' | 'day' | 'hour' | 'minute' | 'second', number>;
  return Date.UTC(part.year, part.month - 1, part.day, part.hour, part.minute, part.second);
}

/**
 * The moment of a local time, e.g. 2026-12-01T08:00. Of a time that occurs twice it is the
 * first; one that a change of the clock skips means the moment of that change. Undefined if
 * it is no time.
 */
export function momentIn(zone: string, local: string): Date | undefined {
  const wall = Date.parse(`${local}Z`);
  if (Number.isNaN(wall)) return undefined;
  const [before, after] = [wall - DAY, wall + DAY].map((near) => wall - (shown(near, zone) - near)) as [number, number];
  const right = [before, after].filter((moment) => shown(moment, zone) === wall);
  if (right.length > 0) return new Date(Math.min(...right));
  // Skipped: the clock jumps somewhere between the two.
  let [low, high] = [Math.min(before, after), Math.max(before, after)];
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2);
    if (shown(middle, zone) < wall) low = middle;
    else high = middle;
  }
  return new Date(high);
}

/** The time on the clock in the zone at a moment, e.g. 2026-12-01T08:00. */
export const localIn = (zone: string, moment: Date): string => new Date(shown(moment.getTime(), zone)).toISOString().slice(0, 16);

/** The browser's own zone; UTC if it doesn't know. */
export function ownZone(): string {
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone;
  return zone === 'Etc/Unknown' ? 'UTC' : zone;
}

/** Whether the browser knows a zone. The server may know newer ones. */
export function hasZone(zone: string): boolean {
  try {
    return Intl.DateTimeFormat('en', { timeZone: zone }) !== undefined;
  } catch {
    return false;
  }
}

export const ZONES: readonly string[] = [...new Set(['UTC', ...Intl.supportedValuesOf('timeZone')])];
