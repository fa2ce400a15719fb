import { ErrorResponse, User, UserManager, WebStorageStateStore } from 'oidc-client-ts';

import type { Config } from '../config.ts';
import { CALLBACK } from './callback.ts';
import { Tabs } from './tabs.ts';
import { RenewalEnded, type Issuer } from './session.ts';
import { ISSUER_KEYS } from './token.ts';

// A library, since state, nonce, PKCE and the issuer's metadata must all be right.
// Its stores are told to keep off localStorage.

type Settings = NonNullable<Config['oidc']>;

const PATIENCE = 10; // seconds, for one request
const REVOCATION = 2_000; // milliseconds; who signs out waits for it

function manager({ issuer, clientId, scope, audience, resource, origin = location.origin }: Settings): UserManager {
  const store = new WebStorageStateStore({ store: window.sessionStorage, prefix: ISSUER_KEYS });
  return new UserManager({
    authority: issuer,
    client_id: clientId,
    scope,
    ...(audience !== undefined && { extraQueryParams: { audience } }),
    ...(resource !== undefined && { resource, extraTokenParams: { resource } }),
    redirect_uri: origin + CALLBACK,
    post_logout_redirect_uri: `${origin}/console/`,
    response_type: 'code',
    stateStore: store,
    userStore: store,
    automaticSilentRenew: false, // The session does it, whose requests wait for it.
    loadUserInfo: false,
    monitorSession: false,
    requestTimeoutInSeconds: PATIENCE,
    silentRequestTimeoutInSeconds: PATIENCE,
  });
}

/** Goes to the issuer; it sends the user back to the callback, and that to `place`. `other` lets another account sign in. */
export async function leaveForIssuer(oidc: Settings, place: string, other: boolean): Promise<void> {
  if (oidc.origin && oidc.origin !== location.origin) {
    location.assign(oidc.origin + place); // What is kept here would be missing there.
    return;
  }
  await manager(oidc).signinRedirect({ state: { place }, ...(other && { prompt: 'login' }) });
}

/** Takes the code from the address and answers with the token, who renews it, and where the user was. */
export async function returnFromIssuer(oidc: Settings): Promise<{ token: string; issuer: Issuer; place: string }> {
  const users = manager(oidc);
  const user = await users.signinRedirectCallback();
  const { place } = user.state as { place: string };
  // Only ever back into the console, whatever the state says.
  return { token: tokenOf(oidc, user), issuer: issuerOf(oidc, users, user), place: place.startsWith('/console/') ? place : '/console/' };
}

/** The issuer of the session that was there before the page was loaded again. */
export async function knownIssuer(oidc: Settings): Promise<Issuer | undefined> {
  const users = manager(oidc);
  const user = await users.getUser();
  return user === null ? undefined : issuerOf(oidc, users, user);
}

/** What the issuer said in its protocol's words, e.g. invalid_scope; '' if it said nothing such. */
export function wordOf(error: unknown): string {
  return error instanceof ErrorResponse && /^[a-z_]{1,40}$/.test(error.error ?? '') ? (error.error ?? '') : '';
}

const tokenOf = ({ token }: Settings, user: User): string => (token === 'id' ? (user.id_token ?? '') : user.access_token);

function issuerOf(oidc: Settings, users: UserManager, first: User): Issuer {
  const tabs = new Tabs();
  let user = first;
  return {
    renews: Boolean(first.refresh_token),
    renew: () =>
      navigator.locks.request('backchannel:renewal', async () => {
        const before = user;
        if (!before.refresh_token) throw new RenewalEnded();
        const found = await tabs.ask(before.refresh_token);
        if (found === undefined) user = await renewed(users, oidc);
        else await users.storeUser((user = User.fromStorageString(found)));
        tabs.used(before.refresh_token, user.toStorageString());
        const token = tokenOf(oidc, user);
        if (token === tokenOf(oidc, before)) throw new RenewalEnded(); // An issuer may leave the id token out.
        return token;
      }),
    leave: async () => {
      tabs.close();
      await users.storeUser(user); // The session has forgotten it.
      const revoked = users.revokeTokens(['refresh_token']).catch(() => undefined); // Not every issuer can.
      await Promise.race([revoked, pause(REVOCATION)]);
      try {
        await users.signoutRedirect();
      } finally {
        await users.removeUser();
      }
    },
  };
}

async function renewed(users: UserManager, { resource }: Settings): Promise<User> {
  try {
    const user = await users.signinSilent(resource === undefined ? {} : { resource });
    if (user !== null) return user;
  } catch (error) {
    // Any other error may pass: the network's, or a server_error.
    if (wordOf(error) !== 'invalid_grant') throw error;
  }
  throw new RenewalEnded();
}

const pause = (milliseconds: number) => new Promise<void>((resolve) => setTimeout(resolve, milliseconds));
