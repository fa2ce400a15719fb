// Names are what strangers typed. Characters that nobody sees can turn a line round,
// hide what stands beside them, or make one name look like another: wherever a name
// is shown, they are shown as what they are. What is stored stays as it is.

const RIGHT_TO_LEFT = ['Arabic', 'Hebrew', 'Syriac', 'Thaana', 'Nko', 'Adlam'];
/** Scripts whose letters are joined, or kept from it, by a character of no width. */
const JOINED = [
  ...RIGHT_TO_LEFT, 'Mongolian', 'Devanagari', 'Bengali', 'Gurmukhi', 'Gujarati', 'Oriya', 'Tamil', 'Telugu', 'Kannada', 'Malayalam',
  'Sinhala', 'Tibetan', 'Myanmar', 'Khmer',
];
const scripts = (names: readonly string[]) => names.map((name) => `\\p{Script_Extensions=${name}}`).join('');

/** Controls, what Unicode wants ignored in display, ends of lines, and blanks that no blank is. */
const HIDDEN = '[\\p{Cc}\\p{Cs}\\p{Zl}\\p{Zp}\\p{Default_Ignorable_Code_Point}\\u2800\\uFFF9-\\uFFFB]';

/** Where such characters belong, and do what they are for. */
const AT_HOME = [
  '(?<=[\\p{Extended_Pictographic}\\p{Emoji_Modifier}\\uFE0F])\\u200D(?=\\p{Extended_Pictographic})',
  `(?<=[${scripts(JOINED)}])[\\u200C\\u200D]`,
  // Marks of direction: they move nothing outside of the name.
  `(?<=[${scripts(RIGHT_TO_LEFT)}\\p{N}\\p{P}\\p{S}])[\\u200E\\u200F\\u061C]|[\\u200E\\u200F\\u061C](?=[${scripts(RIGHT_TO_LEFT)}\\p{N}\\p{P}\\p{S}])`,
  '(?<=[\\p{Emoji}\\p{S}\\p{P}])[\\uFE0E\\uFE0F]',
  '(?<=\\p{Script=Han})[\\uFE00-\\uFE02\\u{E0100}-\\u{E01EF}]',
  '(?<=\\p{Script=Mongolian})[\\u180B-\\u180E]',
  '(?<=\\u{1F3F4})[\\u{E0020}-\\u{E007E}]{2,6}\\u{E007F}',
].join('|');

const MARKS = 6; // on one letter; more of them reach into the lines above and below

const PLAIN = /^[\x20-\x7e]*$/; // most names: ten times quicker
const ODD = new RegExp(`(?<home>${AT_HOME})|(?<odd>${HIDDEN})\\k<odd>*|(?<=\\p{M}{${MARKS}})(?<mark>\\p{M})\\p{M}*`, 'gu');

/** A text of others as it may be shown: what can't be seen by its number, e.g. [U+202E]. */
export function visible(text: string): string {
  if (PLAIN.test(text)) return text;
  return text.replace(ODD, (found: string, ...rest: unknown[]) => {
    const { home, odd, mark } = rest.at(-1) as Record<string, string | undefined>;
    const one = odd ?? mark;
    if (home !== undefined || one === undefined) return found;
    const count = odd === undefined ? [...found].length : found.length / one.length;
    return `[U+${(one.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, '0')}${count > 1 ? ` ×${count}` : ''}]`;
  });
}

/** The text without what `visible` would name. */
export function withoutHidden(text: string): string {
  return PLAIN.test(text) ? text : text.replace(ODD, (found: string, ...rest: unknown[]) => ((rest.at(-1) as Record<string, string | undefined>)['home'] === undefined ? '' : found));
}

const TURNS = new RegExp(`[${scripts(RIGHT_TO_LEFT)}]`, 'u');

/** The same within a sentence of a language of that direction: whatever its own, it moves nothing around it. */
export function within(text: string, direction: 'ltr' | 'rtl'): string {
  const shown = visible(text);
  const apart = direction === 'rtl' ? /\p{L}/u : TURNS;
  return apart.test(shown) ? `\u2068${shown}\u2069` : shown;
}

/** Text in quotation marks of a program or of JSON: what can't be seen is written as an escape. */
export function escaped(quoted: string): string {
  return quoted.replace(new RegExp(HIDDEN, 'gu'), (found) =>
    found === '\n' || found === '\t' ? found : Array.from({ length: found.length }, (_, at) => `\\u${found.charCodeAt(at).toString(16).padStart(4, '0')}`).join(''),
  );
}
