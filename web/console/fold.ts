// The form in which names are searched and sorted, the same as the server's (package
// fold): its vectors in internal/fold/testdata are run for both.

const PLAIN = /^[\x20-\x7e]*$/; // most names: ten times quicker
/** Marks of Latin, Greek, Cyrillic, Hebrew and Arabic; those of other scripts are letters. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670]/gu;
/** Letters whose case folding isn't what small letters of their capitals are. */
const ODD = /[ςı\u13f8-\u13fd\uab70-\uabbf]/gu;

/** A text without regard to case, compatibility forms and marks. A name is found by a search if its form contains the search's. */
export function foldText(text: string): string {
  if (PLAIN.test(text)) return text.toLowerCase();
  const plain = (of: string) => of.normalize('NFKD').replace(MARKS, '');
  return plain(smallOf(plain(text)));
}

function smallOf(text: string): string {
  const kept = text.split('ı'); // its capital is that of i
  const small = kept.map((part) => part.toLowerCase().toUpperCase().toLowerCase()).join('ı');
  return small.replace(ODD, (odd) => {
    if (odd === 'ς') return 'σ';
    const code = odd.charCodeAt(0);
    return odd === 'ı' ? odd : String.fromCharCode(code >= 0xab70 ? code - 0xab70 + 0x13a0 : code - 0x13f8 + 0x13f0);
  });
}

const SHORT = 8; // digits of a number whose length one digit says

/** What names are sorted by: the form with each run of ASCII digits by its value. */
export function foldKey(text: string): string {
  return foldText(text).replace(/[0-9]+/g, (run) => {
    const digits = run.replace(/^0+/, '');
    return (digits.length <= SHORT ? String(digits.length) : `9${String(digits.length).padStart(9, '0')}`) + digits;
  });
}

/** The order of two keys: that of their code points, as in the database. */
export function compareKeys(a: string, b: string): number {
  const end = Math.min(a.length, b.length);
  for (let at = 0; at < end; at++) {
    const x = a.charCodeAt(at);
    const y = b.charCodeAt(at);
    if (x !== y) return surrogateLast(x) - surrogateLast(y);
  }
  return a.length - b.length;
}

/** A unit of UTF-16 so that halves of pairs come after all others. */
const surrogateLast = (unit: number) => (unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit);
