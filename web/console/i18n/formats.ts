import { useTranslation } from 'react-i18next';

/** Numbers and moments as the user's language, and where we know it the region, writes them. */
export function useFormats() {
  const { i18n } = useTranslation();
  return formatsOf(i18n.language);
}

// To make one takes the browser as long as a row of a list, so all rows share them.
const made = new Map<string, ReturnType<typeof make>>();

function formatsOf(language: string) {
  const formats = made.get(language) ?? make(localeOf(language));
  made.set(language, formats);
  return formats;
}

function make(locale: string) {
  return {
    number: new Intl.NumberFormat(locale),
    day: new Intl.DateTimeFormat(locale, { dateStyle: 'full' }),
    date: new Intl.DateTimeFormat(locale, { dateStyle: 'medium' }),
    time: new Intl.DateTimeFormat(locale, { timeStyle: 'short' }),
    moment: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
  };
}

/** The browser's own variant of a language, e.g. en-GB for en. */
function localeOf(language: string): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}
