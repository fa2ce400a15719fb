import type { FormatterModule } from 'i18next';

import { formatsOf } from './formats.ts';
import { within } from './visible.ts';

/** A text of the catalogue within another: what it quotes is made visible already, so `format` is to leave it as it is. */
export const said = (text: string): string => ({ toString: () => text }) as unknown as string;

/**
 * What stands in the places of all texts: numbers as the user's language writes them,
 * 1,234 for {{count}}; names, also a list of them, so that they hide and move nothing.
 */
export const places = (directionOf: (language: string) => 'ltr' | 'rtl'): FormatterModule => ({
  type: 'formatter',
  init() {},
  add() {},
  addCached() {},
  format: (value, _format, language) => {
    if (language === undefined) return value;
    if (typeof value === 'number') return formatsOf(language).number.format(value);
    const apart = (text: string) => within(text, directionOf(language));
    if (Array.isArray(value)) return formatsOf(language).list.format(value.map(apart));
    return typeof value === 'string' ? apart(value) : value;
  },
});
