// Tokens that a hostile caller may try, and those that must pass. A row is
//
//	[what, the Authorization header as a function of the server's secret, whether it passes]
import { generateKeyPairSync } from 'node:crypto';

import { hmac, rsa, seconds, unsigned } from '../jwt.mjs';

const IN = true;
const OUT = false;
const clerk = { sub: 'clerk', roles: ['BO'] };
const good = { ...clerk, exp: seconds(3600) };
const bearer = (make) => (secret) => `Bearer ${make(secret)}`;
const signed = (claims, header) => bearer((secret) => hmac(secret, { ...good, ...claims }, header));
const without = (claim) => bearer((secret) => hmac(secret, { ...good, [claim]: undefined }));
const parts = (change) => bearer((secret) => change(...hmac(secret, good).split('.')).join('.'));
const flipped = (text) => (text[0] === 'A' ? 'B' : 'A') + text.slice(1);

const mallory = generateKeyPairSync('rsa', { modulusLength: 2048 });

const headers = [
  ['a good token', signed({}), IN],
  ['the scheme in lower case', (secret) => `bearer ${hmac(secret, good)}`, IN],
  ['no header', () => undefined, OUT],
  ['an empty header', () => '', OUT],
  ['the scheme only', () => 'Bearer', OUT],
  ['the token only', (secret) => hmac(secret, good), OUT],
  ['another scheme', (secret) => `Basic ${hmac(secret, good)}`, OUT],
  ['a token after a token', (secret) => `Bearer ${hmac(secret, good)}, Bearer ${hmac(secret, good)}`, OUT],
  ['garbage', () => 'Bearer garbage', OUT],
  ['garbage of three parts', () => 'Bearer a.b.c', OUT],
  ['a token of 20 kB', signed({ name: 'n'.repeat(20_000) }), OUT],
];

const signatures = [
  ['no signature', parts((h, c) => [h, c]), OUT],
  ['an empty signature', parts((h, c) => [h, c, '']), OUT],
  ['a signature too short', parts((h, c, s) => [h, c, s.slice(0, -4)]), OUT],
  ['a fourth part', parts((h, c, s) => [h, c, s, s]), OUT],
  ['one letter of the signature changed', parts((h, c, s) => [h, c, flipped(s)]), OUT],
  ['other claims under the signature', parts((h, c, s) => [h, unsigned({}, { ...good, sub: 'boss' }).split('.')[1], s]), OUT],
  ['signed with another secret', bearer(() => hmac('another secret of thirty-two bytes', good)), OUT],
  ['signed with an empty secret', bearer(() => hmac('', good)), OUT],
  ['signed with the secret in hexadecimal', bearer((secret) => hmac(Buffer.from(secret).toString('hex'), good)), OUT],
  ['claims that are a list', bearer((secret) => hmac(secret, [good])), OUT],
  ['claims that are no JSON', bearer((secret) => hmac(secret, '{"sub":"clerk","roles":["BO"]')), OUT],
];

const algorithms = [
  ...['none', 'None', 'NONE', 'nOnE', ''].flatMap((alg) => [
    [`alg ${JSON.stringify(alg)} without a signature`, bearer(() => `${unsigned({ alg, typ: 'JWT' }, good)}.`), OUT],
    [`alg ${JSON.stringify(alg)} with an HMAC`, signed({}, { alg, typ: 'JWT' }), OUT],
  ]),
  ['no alg', signed({}, { typ: 'JWT' }), OUT],
  ['alg HS256 in lower case', signed({}, { alg: 'hs256' }), OUT],
  ['HS384 with the secret', signed({}, { alg: 'HS384' }), OUT],
  ['HS512 with the secret', signed({}, { alg: 'HS512' }), OUT],
  ['RS256 with a key of the caller’s own', bearer(() => rsa(mallory.privateKey, good)), OUT],
  ['RS256 in the header over an HMAC', signed({}, { alg: 'RS256' }), OUT],
  ['HS256 in the header over an RSA signature', bearer(() => rsa(mallory.privateKey, good, { alg: 'HS256' })), OUT],
  ['a key that comes along in the header',
    bearer(() => rsa(mallory.privateKey, good, { alg: 'RS256', jwk: mallory.publicKey.export({ format: 'jwk' }) })), OUT],
  ['a key id that is a path', bearer(() => hmac('', good, { alg: 'HS256', kid: '../../../dev/null' })), OUT],
  ['a critical extension', signed({}, { alg: 'HS256', crit: ['exp'] }), OUT],
];

const times = [
  ['expired beyond the leeway', signed({ exp: seconds(-15) }), OUT],
  ['expired within the leeway', (secret) => signed({ exp: seconds(-2) })(secret), IN], // by the clock of the moment
  ['no expiry', without('exp'), OUT],
  ['an expiry in milliseconds', signed({ exp: seconds(3600) * 1000 }), OUT],
  ['issued in an hour', signed({ iat: seconds(3600) }), OUT],
  ['not yet valid, within the leeway', (secret) => signed({ nbf: seconds(3) })(secret), IN],
  ['expired in 1970', signed({ exp: 0 }), OUT],
  ['expires before 1970', signed({ exp: -1 }), OUT],
  ['an expiry that is text', signed({ exp: `${seconds(3600)}` }), OUT],
  ['an expiry that is null', signed({ exp: null }), OUT],
  ['not yet valid, for an hour', signed({ nbf: seconds(3600) }), OUT],
  ['a beginning that is text', signed({ nbf: 'yesterday' }), OUT],
  ['valid since a second ago', signed({ nbf: seconds(-1) }), IN],
  ['an expiry with a fraction', signed({ exp: seconds(3600) + 0.5 }), IN],
];

const subjects = [
  ['no sub', without('sub'), OUT],
  ['an empty sub', signed({ sub: '' }), OUT],
  ['a sub that is a number', signed({ sub: 7 }), OUT],
  ['a sub that is a list', signed({ sub: ['clerk'] }), OUT],
];

const role = (roles) => signed({ roles });

const roles = [
  ['no roles', without('roles'), OUT],
  ['the role as a string', role('BO'), IN],
  ['the role in a space-separated string', role('AGENT BO SALES'), IN],
  ['the role in a list', role(['AGENT', 'BO']), IN],
  ...['', ' ', 'BOX', 'XBO', 'bo', 'Bo', 'BO,X', 'X,BO', 'BO;X', 'B O', 'BO-X', '"BO"', '["BO"]', 'BO\u0000', 'ВО' /* Cyrillic */, 'ΒΟ' /* Greek */].map(
    (text) => [`the near miss ${JSON.stringify(text)}`, role(text), OUT]),
  ...[[], [''], ['BOX'], ['bo'], ['BO,X'], ['BO '], ['AGENT BO'], [['BO']], [{ BO: true }], [null], [true]].map(
    (list) => [`the near miss ${JSON.stringify(list)}`, role(list), OUT]),
  ...[null, true, 1, {}, { BO: true }, { 0: 'BO' }, { name: 'BO' }, { roles: ['BO'] }].map(
    (value) => [`the near miss ${JSON.stringify(value)}`, role(value), OUT]),
  ['the role in a claim of another name', signed({ roles: undefined, role: 'BO', Roles: ['BO'], scope: 'BO', 'roles ': 'BO' }), OUT],
  ['the role in a nested claim', signed({ roles: undefined, realm_access: { roles: ['BO'] } }), OUT],
];

const nested = (value) => signed({ roles: undefined, realm_access: value });

/** With --role-claim realm_access.roles. */
const nestedRoles = [
  ['a nested list', nested({ roles: ['AGENT', 'BO'] }), IN],
  ['a nested string', nested({ roles: 'AGENT BO' }), IN],
  ['a nested near miss', nested({ roles: ['BOX'] }), OUT],
  ['a list where the object should be', nested(['BO']), OUT],
  ['a list of objects', nested([{ roles: ['BO'] }]), OUT],
  ['a string where the object should be', nested('BO'), OUT],
  ['nested deeper', nested({ roles: { roles: ['BO'] } }), OUT],
  ['the role at the usual place', signed({}), OUT],
];

/** With --bo-role crm.Admin. */
const otherRole = [
  ['the configured role', role(['crm.Admin']), IN],
  ['BO, which is not the role here', role(['BO']), OUT],
  ['the role in another case', role(['crm.admin']), OUT],
  ['the dot as any letter', role(['crmXAdmin']), OUT],
  ['the first half of the role', role('crm'), OUT],
];

// ---- With a JWKS beside the secret

const issuer = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = issuer.publicKey.export({ format: 'jwk' });
const pem = issuer.publicKey.export({ type: 'spki', format: 'pem' });
const kid = 'crm-1';

export const jwks = { keys: [{ ...jwk, kid, use: 'sig', alg: 'RS256' }] };
const issued = (claims, header) => bearer(() => rsa(issuer.privateKey, { ...good, ...claims }, { alg: 'RS256', kid, ...header }));
const confused = (key) => bearer(() => hmac(key, good, { alg: 'HS256', kid }));

const publicKeys = [
  ['RS256 with the key of the set', issued({}), IN],
  ['RS256 without a key id', issued({}, { kid: undefined }), IN],
  ['HS256 with the secret', signed({}), IN],
  ['RS256, expired', issued({ exp: seconds(-15) }), OUT],
  ['RS256, not yet valid', issued({ nbf: seconds(3600) }), OUT],
  ['RS256 without the role', issued({ roles: [] }), OUT],
  ['RS256 with a key of the caller’s own', bearer(() => rsa(mallory.privateKey, good, { alg: 'RS256', kid })), OUT],
  ['RS256 over an HMAC with the secret', signed({}, { alg: 'RS256', kid }), OUT],
  ['HS256 with the public key as PEM', confused(pem), OUT],
  ['HS256 with the public key as PEM, trimmed', confused(pem.trim()), OUT],
  ['HS256 with the public key as PKCS #1', confused(issuer.publicKey.export({ type: 'pkcs1', format: 'pem' })), OUT],
  ['HS256 with the public key as DER', confused(issuer.publicKey.export({ type: 'spki', format: 'der' })), OUT],
  ['HS256 with the public key as JWK', confused(JSON.stringify(jwks.keys[0])), OUT],
  ['HS256 with the public key’s modulus', confused(Buffer.from(jwk.n, 'base64url')), OUT],
  ['RS512 in the header', issued({}, { alg: 'RS512' }), OUT],
  ['PS256 in the header', issued({}, { alg: 'PS256' }), OUT],
  ['none in the header', bearer(() => `${unsigned({ alg: 'none', kid }, good)}.`), OUT],
];

/** Tables of rows, each with the flags of the server that they are for. */
export default [
  { flags: [], tables: { headers, signatures, algorithms, times, subjects, roles } },
  { flags: ['--role-claim', 'realm_access.roles'], tables: { 'roles in a nested claim': nestedRoles } },
  { flags: ['--bo-role', 'crm.Admin'], tables: { 'another back-office role': otherRole } },
  { flags: ['--jwks', 'JWKS'], tables: { 'public keys': publicKeys } },
];
