import { useTranslation } from 'react-i18next';

import { userFile } from './en.ts';
import type { Fault } from './read.ts';

/** Puts it into words why a list or a row can't be imported: the user's where there are some, else the server's. */
export function useFault(): (fault: Fault) => string {
  const { t } = useTranslation('userFile');
  return ({ reason, message, line = 0, column = 0, value = '', other = 0, limit = 0 }) => {
    if (!Object.hasOwn(userFile, reason)) return message;
    return t(reason as keyof typeof userFile, { line, column, value, other, limit, megabytes: limit / (1 << 20) });
  };
}
