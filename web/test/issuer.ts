import { generateKeyPairSync } from 'node:crypto';
import { createServer, type IncomingMessage, type Server as HttpServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import Provider, { errors, type JWK } from 'oidc-provider';

const CLIENT = 'console';
/** What access tokens are for, if they are JWTs. */
export const API = 'urn:example:chat';

/**
 * A certified issuer over real HTTP, with a sign-in page of links. Its token
 * endpoint is on another origin, as some organisations have it.
 */
export class Issuer {
  readonly clientId = CLIENT;
  /** The roles of each account. */
  roles: Record<string, string[]> = {};
  /** How long tokens are good, in seconds. */
  lifetime = 600;
  refreshes = true;
  /** It offers a page for signing out. */
  endsSessions = true;
  /** Its token endpoint is out of order. */
  away = false;
  /** How often it was asked meanwhile. */
  turnedAway = 0;
  /** How often each kind of grant was given. */
  granted: Record<string, number> = {};
  /** The key that signs access tokens: one or two, both of which are published. */
  key = 'one';
  /** The server whose console signs in. */
  console = '';
  readonly #pages = createServer((request, response) => this.#answer(request, response));
  readonly #tokens = createServer((request, response) => this.#answer(request, response));
  #provider: Provider | undefined;

  get url(): string {
    return addressOf(this.#pages);
  }

  static async start(): Promise<Issuer> {
    const issuer = new Issuer();
    await Promise.all([issuer.#pages, issuer.#tokens].map((server) => new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))));
    issuer.#provider = issuer.#open();
    return issuer;
  }

  async close(): Promise<void> {
    for (const server of [this.#pages, this.#tokens]) {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    }
  }

  #open(): Provider {
    const key = (kid: string) => ({ ...generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey.export({ format: 'jwk' }), kid, use: 'sig', alg: 'RS256' }) as JWK;
    const names = { olga: 'Olga OpenID', omar: 'Omar OpenID' } as Record<string, string>;
    const claims = (account: string) => ({ sub: account, name: names[account], roles: this.roles[account] });
    const provider = new Provider(this.url, {
      clients: [{
        client_id: CLIENT, token_endpoint_auth_method: 'none', grant_types: ['authorization_code', 'refresh_token'],
        redirect_uris: [`${this.url}/nobody`], post_logout_redirect_uris: [],
      }],
      jwks: { keys: [key('one'), key('two')] },
      cookies: { keys: ['the tests sign cookies with this'] },
      claims: { openid: ['sub', 'roles'], profile: ['name'] },
      conformIdTokenClaims: false,
      findAccount: (_, account) => ({ accountId: account, claims: async () => claims(account) }),
      extraTokenClaims: (_, token) => ('accountId' in token ? claims(String(token.accountId)) : undefined),
      extraParams: ['audience'],
      ttl: { AccessToken: () => this.lifetime, IdToken: () => this.lifetime, RefreshToken: 3600, Session: 3600, Grant: 3600, Interaction: 600 },
      issueRefreshToken: async () => this.refreshes,
      clientBasedCORS: () => true,
      interactions: { url: (_, { uid }) => `/sign-in/${uid}` },
      features: {
        devInteractions: { enabled: false },
        revocation: { enabled: true },
        resourceIndicators: {
          enabled: true,
          defaultResource: (ctx) => (ctx.oidc.params?.['audience'] as string | undefined) ?? [],
          useGrantedResource: async () => true,
          getResourceServerInfo: (_, resource) => {
            if (resource !== API) throw new errors.InvalidTarget();
            return { scope: '', accessTokenFormat: 'jwt', accessTokenTTL: this.lifetime, jwt: { sign: { alg: 'RS256', kid: this.key } } };
          },
        },
        rpInitiatedLogout: {
          enabled: true,
          logoutSource: (ctx, form) => {
            ctx.body = `<!doctype html><title>Issuer</title>${form}<button form="op.logoutForm" name="logout" value="yes">Sign out everywhere</button>`;
          },
        },
      },
      loadExistingGrant: async (ctx) => {
        const grant = new provider.Grant({ clientId: CLIENT, accountId: ctx.oidc.session?.accountId ?? '' });
        grant.addOIDCScope('openid profile offline_access');
        await grant.save();
        return grant;
      },
    });
    provider.Client.prototype.redirectUriAllowed = (uri: string) => uri === `${this.console}/console/signed-in`;
    provider.Client.prototype.postLogoutRedirectUriAllowed = (uri: string) => uri === `${this.console}/console/`;
    provider.on('grant.success', (ctx) => {
      const kind = String(ctx.oidc.params?.['grant_type']);
      this.granted[kind] = (this.granted[kind] ?? 0) + 1;
    });
    provider.use(async (ctx, next) => {
      await next();
      if (ctx.path !== '/.well-known/openid-configuration') return;
      const { end_session_endpoint: ends, ...metadata } = ctx.body as Record<string, unknown>;
      ctx.body = { ...metadata, ...(this.endsSessions && { end_session_endpoint: ends }), token_endpoint: `${addressOf(this.#tokens)}/token` };
    });
    return provider;
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const url = new URL(request.url ?? '/', this.url);
    if (this.away && url.pathname === '/token') {
      this.turnedAway++;
      return void response.writeHead(503).end();
    }
    if (url.pathname === '/favicon.ico') return void response.writeHead(204).end();
    if (!url.pathname.startsWith('/sign-in/')) return void this.#provider?.callback()(request, response);
    const account = url.searchParams.get('as');
    const choice = (name: string, query: string) => `<a href="${url.pathname}?${query}">${name}</a> `;
    if (account === null) {
      response.setHeader('Content-Type', 'text/html');
      response.end(`<!doctype html><title>Issuer</title>${choice('Sign in as Olga', 'as=olga')}${choice('Sign in as Omar', 'as=omar')}${choice('Refuse', 'as=')}`);
      return;
    }
    const result = account === '' ? { error: 'access_denied' } : { login: { accountId: account } };
    void this.#provider?.interactionFinished(request, response, result, { mergeWithLastSubmission: false });
  }
}

const addressOf = (server: HttpServer) => `http://127.0.0.1:${(server.address() as AddressInfo | null)?.port}`;
