import { useTranslation } from 'react-i18next';

/** Numbers, lists and moments as the user's language, and where we know it the region, writes them. */
export function useFormats() {
  const { i18n } = useTranslation();
  return formatsOf(i18n.language);
}

// To make one takes the browser milliseconds: each when it is first used, and once.
const made = new Map<string, Formats>();

export function formatsOf(language: string): Formats {
  const formats = made.get(language) ?? new Formats(localeOf(language));
  made.set(language, formats);
  return formats;
}

const UNITS = [
  { unit: 'minute', display: 'short', length: 60_000, most: 3_600_000 },
  { unit: 'hour', display: 'narrow', length: 3_600_000, most: 86_400_000 },
  { unit: 'day', display: 'narrow', length: 86_400_000, most: 7 * 86_400_000 },
] as const;

class Formats {
  #relative: Intl.RelativeTimeFormat | undefined;
  readonly #units: Partial<Record<(typeof UNITS)[number]['unit'], Intl.NumberFormat>> = {};
  #number: Intl.NumberFormat | undefined;
  #list: Intl.ListFormat | undefined;
  readonly #dates = new Map<string, Intl.DateTimeFormat>();
  constructor(private readonly locale: string) {}

  get number(): Intl.NumberFormat {
    return (this.#number ??= new Intl.NumberFormat(this.locale));
  }
  get list(): Intl.ListFormat {
    return (this.#list ??= new Intl.ListFormat(this.locale));
  }
  get day(): Intl.DateTimeFormat {
    return this.#date({ dateStyle: 'full' });
  }
  get date(): Intl.DateTimeFormat {
    return this.#date({ dateStyle: 'medium' });
  }
  get time(): Intl.DateTimeFormat {
    return this.#date({ timeStyle: 'short' });
  }
  get moment(): Intl.DateTimeFormat {
    return this.#date({ dateStyle: 'medium', timeStyle: 'short' });
  }

  /** How long ago it was, e.g. "2 h"; the day, where it is more than a week. */
  ago = (moment: number, now: number): string => {
    const past = Math.max(0, now - moment);
    if (past < UNITS[0].length) return (this.#relative ??= new Intl.RelativeTimeFormat(this.locale, { numeric: 'auto' })).format(0, 'second');
    const unit = UNITS.find(({ most }) => past < most);
    if (unit === undefined) return this.date.format(moment);
    const format = (this.#units[unit.unit] ??= new Intl.NumberFormat(this.locale, { style: 'unit', unit: unit.unit, unitDisplay: unit.display }));
    const parts = format.formatToParts(Math.floor(past / unit.length));
    // English writes "2h"; with a space it reads alike in every language.
    return parts.map(({ type, value }) => (type === 'unit' ? ` ${value.trim()}` : value)).join('').replace(/\s+/g, '\u00a0').trim();
  };

  #date(options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
    const key = `${options.dateStyle} ${options.timeStyle}`;
    const format = this.#dates.get(key) ?? new Intl.DateTimeFormat(this.locale, options);
    this.#dates.set(key, format);
    return format;
  }
}

/** The browser's own variant of a language, e.g. en-GB for en. */
function localeOf(language: string): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}
