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

class Formats {
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
