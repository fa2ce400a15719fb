import { useTranslation } from 'react-i18next';

import { media } from './en.ts';

const OWN_WORDS = ['NETWORK', 'UNAUTHORIZED', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL'] as const;

/** Why a file is refused, in a word that stays; docs/api.md lists them. */
export type Reason = keyof typeof media;

/** Why a file was not taken. */
export class UploadRefused extends Error {
  override name = 'UploadRefused';

  constructor(
    /** A code of the API's, NETWORK where nobody answered, MISSING where the server takes no files. */
    readonly code: string,
    /** The server's words; none where it said nothing. */
    message: string,
    readonly reason?: Reason,
    /** The number that the reason speaks of: bytes, or pixels. */
    readonly limit?: number,
    /** The format that the file is of by its content. */
    readonly found?: string,
  ) {
    super(message);
  }
}

/** The reason that an error of the server's gives in its extensions; undefined where it gives none that has words here. */
export const reasonIn = (extensions: { reason?: unknown } | undefined): Reason | undefined => {
  const reason = extensions?.reason;
  return typeof reason === 'string' && Object.hasOwn(media, reason) ? (reason as Reason) : undefined;
};

/** Puts it into words why a file was not taken: the user's where there are some, else the server's. */
export function useRefusalInWords(): (refused: UploadRefused) => string {
  const { t } = useTranslation('media');
  const { t: tError } = useTranslation('errors');
  return ({ code, reason, limit, found, message }) => {
    // A reason that speaks of a limit or a format says nothing without it.
    const lacks = reason === 'TYPE_MISMATCH' ? found === undefined : limit === undefined && (reason === 'TOO_LARGE' || reason === 'TOO_MANY_PIXELS');
    if (reason !== undefined && !lacks) return t(reason, { found: found ?? '', megabytes: (limit ?? 0) / (1 << 20), millions: (limit ?? 0) / 1e6 });
    const known = OWN_WORDS.find((own) => own === code);
    if (known !== undefined) return tError(known);
    return message === '' ? tError('INTERNAL') : message;
  };
}
