// JSON Web Tokens made by hand, also such as no honest issuer would make.
import { createHmac, sign as signWith } from 'node:crypto';

const encode = (value) =>
  Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)).toString('base64url');

/** Seconds since 1970, from now. */
export const seconds = (fromNow) => Math.floor(Date.now() / 1000) + fromNow;

/** The first two parts of a token. Either may be given as its JSON text. */
export const unsigned = (header, claims) => `${encode(header)}.${encode(claims)}`;

/** A token signed with a secret, by default as HS256. */
export function hmac(secret, claims, header = { alg: 'HS256', typ: 'JWT' }) {
  const text = unsigned(header, claims);
  const hash = { HS384: 'sha384', HS512: 'sha512' }[header.alg] ?? 'sha256';
  return `${text}.${createHmac(hash, secret).update(text).digest('base64url')}`;
}

/** A token signed with an RSA private key. */
export function rsa(privateKey, claims, header = { alg: 'RS256', typ: 'JWT' }) {
  const text = unsigned(header, claims);
  return `${text}.${signWith('sha256', Buffer.from(text), privateKey).toString('base64url')}`;
}
