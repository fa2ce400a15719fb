import { storage } from '../storage.ts';

const KEY = 'backchannel:token';
/** What is kept of a sign-in at the issuer begins so. */
export const ISSUER_KEYS = 'backchannel:issuer:';

/** What a token says about its holder. Nothing here is verified: the server does that. */
export interface Holder {
  id: string;
  name: string;
  roles: string[];
  expires: Date | undefined;
  /** Milliseconds from the moment that it was issued. */
  lasts: number | undefined;
}

/** Takes the token of `#token=…` out of the address bar; null where there is none. */
export function takeTokenFromAddress(): string | null {
  const token = new URLSearchParams(location.hash.slice(1)).get('token');
  if (token === null) return null;
  history.replaceState(history.state, '', location.pathname + location.search);
  return cleanToken(token);
}

/** The text of a token as people paste it: perhaps broken over lines, perhaps with its scheme. */
export function cleanToken(text: string): string {
  return text.trim().replace(/^bearer\s+/i, '').replace(/\s+/g, '');
}

export function keepToken(token: string): void {
  const clean = cleanToken(token);
  if (clean === '') storage.removeItem(KEY);
  else storage.setItem(KEY, clean);
}

/** Forgets the tokens with which the issuer gives newer ones. */
export function forgetIssuer(): void {
  for (const key of issuerKeys()) storage.removeItem(key);
}

export const isIssuerKept = (): boolean => issuerKeys().length > 0;

const issuerKeys = () => storage.keys().filter((key) => key.startsWith(`${ISSUER_KEYS}user:`));

export function keptToken(): string | null {
  return storage.getItem(KEY);
}

/** Reads the claims of a JWT, or gives undefined for what is none. */
export function readHolder(token: string): Holder | undefined {
  const parts = token.split('.');
  if (parts.length !== 3 || parts[1] === undefined) return undefined;
  let claims: unknown;
  try {
    const bytes = Uint8Array.from(atob(parts[1].replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
    claims = JSON.parse(new TextDecoder().decode(bytes));
  } catch {
    return undefined;
  }
  if (!isRecord(claims)) return undefined;
  const id = typeof claims.sub === 'string' ? claims.sub : '';
  const name = typeof claims.name === 'string' && claims.name !== '' ? claims.name : id;
  const [expires, issued] = [readDate(claims.exp), readDate(claims.iat)];
  return { id, name, roles: readRoles(claims.roles ?? claims.role), expires, lasts: expires && issued && expires.getTime() - issued.getTime() };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readRoles(claim: unknown): string[] {
  if (typeof claim === 'string') return claim.split(/\s+/).filter(Boolean);
  return Array.isArray(claim) ? claim.filter((role) => typeof role === 'string') : [];
}

function readDate(claim: unknown): Date | undefined {
  if (typeof claim !== 'number') return undefined;
  const date = new Date(claim * 1000);
  return Number.isNaN(date.getTime()) ? undefined : date;
}
