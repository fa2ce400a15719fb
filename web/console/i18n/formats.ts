import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';

/** Numbers and moments as the user's language, and where we know it the region, writes them. */
export function useFormats() {
  const { i18n } = useTranslation();
  return useMemo(() => {
    const locale = localeOf(i18n.language);
    return {
      number: new Intl.NumberFormat(locale),
      day: new Intl.DateTimeFormat(locale, { dateStyle: 'full' }),
      time: new Intl.DateTimeFormat(locale, { timeStyle: 'short' }),
      moment: new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' }),
    };
  }, [i18n.language]);
}

/** The browser's own variant of a language, e.g. en-GB for en. */
function localeOf(language: string): string {
  return navigator.languages.find((tag) => tag.split('-')[0] === language) ?? language;
}
