import { print, type DocumentNode } from 'graphql';

import { BackOfficeUserDocument, KnownUserDocument } from './auth.generated.ts';

/** What the server thinks of a token. */
export type Verdict = 'welcome' | 'denied' | 'refused' | 'unreachable';

/**
 * Asks what a token is good for, before the console takes it. The server never
 * says why it refuses; a question that every chat user may ask tells a good
 * token without the back office's role from a bad one.
 */
export async function askWhoIs(token: string): Promise<Verdict> {
  try {
    if (await mayAsk(token, BackOfficeUserDocument)) return 'welcome';
    return (await mayAsk(token, KnownUserDocument)) ? 'denied' : 'refused';
  } catch {
    return 'unreachable';
  }
}

/** Whether the server answers; throws where it can't be reached. */
async function mayAsk(token: string, document: DocumentNode): Promise<boolean> {
  const response = await fetch('/graphql', {
    method: 'POST',
    cache: 'no-store',
    headers: { 'Content-Type': 'application/json', Accept: 'application/json', Authorization: `Bearer ${token}` },
    body: JSON.stringify({ query: print(document) }),
  });
  const answer = (await response.json()) as { errors?: { extensions?: { code?: string } }[] };
  const code = answer.errors?.[0]?.extensions?.code;
  if (code !== undefined && code !== 'UNAUTHORIZED') throw new Error(code);
  return code === undefined;
}
