import i18next from 'i18next';
import { initReactI18next } from 'react-i18next';

import { en } from './en.ts';
import { places } from './places.ts';

/** The languages of the console, each by its own name. */
export const LANGUAGES = { en: 'English', ar: 'العربية' } as const;
export type Language = keyof typeof LANGUAGES;

const KEY = 'backchannel:language';
const RIGHT_TO_LEFT: readonly string[] = ['ar'] satisfies Language[];

export const directionOf = (language: string): 'rtl' | 'ltr' => (RIGHT_TO_LEFT.includes(language) ? 'rtl' : 'ltr');

/** Loads the language that was chosen here before, else the browser's where we have it. */
export async function startLanguage(): Promise<void> {
  await i18next.use(places(directionOf)).use(initReactI18next).init({
    resources: { en },
    lng: 'en',
    fallbackLng: 'en',
    ns: Object.keys(en),
    defaultNS: 'shell',
    missingInterpolationHandler: (text, [place]) => console.error(`nothing to put for ${place} into: ${text}`),
    // React escapes.
    interpolation: { escapeValue: false, alwaysFormat: true },
  });
  await applyLanguage(stored() ?? preferred());
}

/** Switches at once and remembers the choice. */
export async function chooseLanguage(language: Language): Promise<void> {
  try {
    localStorage.setItem(KEY, language);
  } catch {
    // A private window may have no storage; the choice then lasts until the reload.
  }
  await applyLanguage(language);
}

export function currentLanguage(): Language {
  return isLanguage(i18next.language) ? i18next.language : 'en';
}

async function applyLanguage(language: Language): Promise<void> {
  if (language === 'ar' && !i18next.hasResourceBundle('ar', 'shell')) {
    const { ar } = await import('./ar.ts');
    for (const [section, texts] of Object.entries(ar)) i18next.addResourceBundle('ar', section, texts);
  }
  await i18next.changeLanguage(language);
  document.documentElement.lang = language;
  document.documentElement.dir = directionOf(language);
}

function stored(): Language | undefined {
  try {
    const language = localStorage.getItem(KEY);
    return isLanguage(language) ? language : undefined;
  } catch {
    return undefined;
  }
}

function preferred(): Language {
  return navigator.languages.map((tag) => tag.split('-')[0]).find(isLanguage) ?? 'en';
}

function isLanguage(value: unknown): value is Language {
  return typeof value === 'string' && value in LANGUAGES;
}
