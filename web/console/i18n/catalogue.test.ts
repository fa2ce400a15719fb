import { describe, expect, test } from 'vitest';

import { ar } from './ar.ts';
import { en } from './en.ts';

const CATALOGUES = { en, ar } as const;
const PLURAL = /_(zero|one|two|few|many|other)$/;

type Texts = Record<string, string>;
const texts = (language: keyof typeof CATALOGUES, section: string): Texts =>
  (CATALOGUES[language] as unknown as Record<string, Texts>)[section] ?? {};
const stems = (of: Texts) => [...new Set(Object.keys(of).map((key) => key.replace(PLURAL, '')))].sort();
const places = (text: string | undefined) => (text?.match(/{{\w+}}/g) ?? []).sort();

describe.each(Object.keys(en))('the section %s', (section) => {
  test('has the same texts in Arabic', () => {
    expect(stems(texts('ar', section))).toEqual(stems(texts('en', section)));
  });

  test.each(['en', 'ar'] as const)('has every plural that %s needs', (language) => {
    const of = texts(language, section);
    const forms = new Intl.PluralRules(language).resolvedOptions().pluralCategories;
    for (const key of Object.keys(of).filter((key) => key.endsWith('_other'))) {
      for (const form of forms) expect(of).toHaveProperty(key.replace(PLURAL, `_${form}`));
    }
  });

  test('fills in the same things in Arabic', () => {
    for (const [key, text] of Object.entries(texts('en', section))) {
      const other = texts('ar', section)[key];
      // "One channel" may do without its number.
      if (other !== undefined && !/_(zero|one|two)$/.test(key)) expect(places(other), key).toEqual(places(text));
    }
  });

  test('has no empty text', () => {
    for (const language of ['en', 'ar'] as const) {
      for (const [key, text] of Object.entries(texts(language, section))) expect(text.trim(), key).not.toBe('');
    }
  });
});
