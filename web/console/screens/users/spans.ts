/** Spans of time to choose from, in seconds. */
export const SPANS = { hour: 3_600, day: 86_400, week: 7 * 86_400, month: 30 * 86_400 } as const;
export type Span = keyof typeof SPANS;

export const DAYS_OF_MONTH = SPANS.month / SPANS.day;
