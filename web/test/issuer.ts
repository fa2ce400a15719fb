import { createHash, createSign, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const CLIENT = 'console';

interface Grant {
  challenge: string;
  redirect: string;
  nonce: string | null;
}

/**
 * A small OpenID issuer over real HTTP: its sign-in page is a link, and its
 * token endpoint checks code, client, address and PKCE before it signs, by RS256.
 */
export class Issuer {
  readonly clientId = CLIENT;
  /** What it refused, so that a test can say why nothing came. */
  refused: string[] = [];
  /** Claims of the tokens beyond the usual. */
  claims: Record<string, unknown> = { roles: ['BO'] };
  readonly #keys = generateKeyPairSync('rsa', { modulusLength: 2048 });
  readonly #grants = new Map<string, Grant>();
  #server: HttpServer | undefined;

  get url(): string {
    return `http://127.0.0.1:${(this.#server?.address() as AddressInfo | undefined)?.port}`;
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    const server = createServer((request, response) => {
      void issuer.#answer(request).then(
        ({ status = 200, type = 'application/json', body = '' }) => {
          // The console asks from its own origin.
          response.writeHead(status, { 'Content-Type': type, 'Access-Control-Allow-Origin': '*', 'Access-Control-Allow-Headers': '*' }).end(body);
        },
        (error: unknown) => response.writeHead(500).end(String(error)),
      );
    });
    issuer.#server = server;
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return issuer;
  }

  async close(): Promise<void> {
    this.#server?.closeAllConnections();
    await new Promise((resolve) => this.#server?.close(resolve));
  }

  async #answer(request: IncomingMessage): Promise<{ status?: number; type?: string; body?: string }> {
    const { pathname, searchParams } = new URL(request.url ?? '/', this.url);
    if (request.method === 'OPTIONS') return { status: 204 };
    switch (pathname) {
      case '/.well-known/openid-configuration':
        return {
          body: JSON.stringify({
            issuer: this.url, authorization_endpoint: `${this.url}/authorize`, token_endpoint: `${this.url}/token`, jwks_uri: `${this.url}/jwks`,
            response_types_supported: ['code'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['RS256'], code_challenge_methods_supported: ['S256'],
          }),
        };
      case '/jwks':
        return { body: JSON.stringify({ keys: [{ ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'one', use: 'sig', alg: 'RS256' }] }) };
      case '/authorize':
        return this.#authorize(searchParams);
      case '/favicon.ico':
        return { status: 204 };
      case '/token': {
        let text = '';
        for await (const part of request) text += String(part);
        return this.#token(new URLSearchParams(text));
      }
      default:
        return { status: 404 };
    }
  }

  #authorize(asked: URLSearchParams) {
    const redirect = asked.get('redirect_uri') ?? '';
    const challenge = asked.get('code_challenge') ?? '';
    if (asked.get('response_type') !== 'code' || asked.get('client_id') !== CLIENT) return this.#refuse('authorize: wrong client or response type');
    if (asked.get('code_challenge_method') !== 'S256' || challenge === '') return this.#refuse('authorize: no PKCE');
    if (!asked.get('scope')?.split(' ').includes('openid') || !asked.get('state')) return this.#refuse('authorize: no openid scope or no state');
    const code = randomBytes(16).toString('hex');
    this.#grants.set(code, { challenge, redirect, nonce: asked.get('nonce') });
    const link = (answer: Record<string, string>) => `${redirect}?${new URLSearchParams({ ...answer, state: asked.get('state') ?? '' })}`.replaceAll('&', '&amp;');
    return { type: 'text/html', body: `<!doctype html><title>Issuer</title><a href="${link({ code })}">Sign in as Olga</a> <a href="${link({ error: 'access_denied' })}">Refuse</a>` };
  }

  #token(asked: URLSearchParams) {
    const code = asked.get('code') ?? '';
    const grant = this.#grants.get(code);
    this.#grants.delete(code); // Good once.
    if (grant === undefined) return this.#refuse('token: unknown or used code');
    if (asked.get('grant_type') !== 'authorization_code' || asked.get('client_id') !== CLIENT) return this.#refuse('token: wrong grant or client');
    if (asked.get('redirect_uri') !== grant.redirect) return this.#refuse('token: another redirect address');
    const verifier = createHash('sha256').update(asked.get('code_verifier') ?? '').digest('base64url');
    if (verifier !== grant.challenge) return this.#refuse('token: PKCE does not fit');
    const now = Math.floor(Date.now() / 1000);
    const usual = { iss: this.url, sub: 'olga', iat: now, exp: now + 600, name: 'Olga OpenID' };
    return {
      body: JSON.stringify({
        token_type: 'Bearer', expires_in: 600,
        access_token: this.#sign({ ...usual, aud: 'backchannel', ...this.claims }),
        id_token: this.#sign({ ...usual, aud: CLIENT, ...(grant.nonce !== null && { nonce: grant.nonce }) }),
      }),
    };
  }

  #refuse(why: string) {
    this.refused.push(why);
    return { status: 400, body: JSON.stringify({ error: 'invalid_request', error_description: why }) };
  }

  #sign(claims: object): string {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
    const text = `${part({ alg: 'RS256', typ: 'JWT', kid: 'one' })}.${part(claims)}`;
    return `${text}.${createSign('RSA-SHA256').update(text).sign(this.#keys.privateKey, 'base64url')}`;
  }
}
