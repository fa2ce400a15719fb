import { CombinedGraphQLErrors } from '@apollo/client';
import { useTranslation } from 'react-i18next';

import { visible } from '../i18n/visible.ts';
import { reasonIn } from '../media/refusal.ts';

/** An error as a person reads it. */
export interface ErrorInWords {
  text: string;
  /** The input field that is to be changed, e.g. `input.name`. */
  field: string | undefined;
  /** What the operator finds the log's lines by. */
  requestId: string | undefined;
}

const OWN_WORDS = ['UNAUTHORIZED', 'UNAVAILABLE', 'RATE_LIMITED', 'CONFLICT', 'INTERNAL'] as const;

/** The code of an error's first cause, or NETWORK where the server did not answer. */
export function codeOf(error: unknown): string {
  if (!CombinedGraphQLErrors.is(error)) return 'NETWORK';
  return String(error.errors[0]?.extensions?.['code'] ?? 'INTERNAL');
}

/** Whether the same request may well succeed later; under its key it can't happen twice. */
export const mayPass = (error: unknown): boolean => ['NETWORK', 'UNAVAILABLE', 'RATE_LIMITED', 'INTERNAL'].includes(codeOf(error));

/**
 * Puts errors into words. What the caller can change, the server says best;
 * what nobody can change, the catalogue says in the user's language.
 */
export function useErrorInWords(): (error: unknown) => ErrorInWords {
  const { t } = useTranslation('errors');
  const { t: tMedia } = useTranslation('media');
  return (error) => {
    if (!CombinedGraphQLErrors.is(error)) {
      return { text: t('NETWORK'), field: undefined, requestId: undefined };
    }
    const first = error.errors[0];
    const code = OWN_WORDS.find((known) => known === codeOf(error));
    const { field, requestId } = first?.extensions ?? {};
    const reason = reasonIn(first?.extensions);
    const said = reason === 'NOT_UPLOADED' ? tMedia(reason) : visible(first?.message ?? t('INTERNAL'));
    return {
      text: code === undefined ? said : t(code),
      field: typeof field === 'string' ? field : undefined,
      requestId: typeof requestId === 'string' ? requestId : undefined,
    };
  };
}
