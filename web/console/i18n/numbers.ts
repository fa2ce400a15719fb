import type { FormatterModule } from 'i18next';

import { formatsOf } from './formats.ts';

/** Writes the numbers in all texts as the user's language does: 1,234 for {{count}}. */
export const numbers: FormatterModule = {
  type: 'formatter',
  init() {},
  add() {},
  addCached() {},
  format: (value, _format, language) => (typeof value === 'number' && language !== undefined ? formatsOf(language).number.format(value) : value),
};
