import { UserManager, WebStorageStateStore } from 'oidc-client-ts';

import type { Config } from '../config.ts';
import { CALLBACK } from './callback.ts';

// A library, since state, nonce, PKCE and the issuer's metadata must all be right.
// Its stores are told to keep off localStorage.

function manager({ issuer, clientId, scope, origin }: NonNullable<Config['oidc']>): UserManager {
  const store = new WebStorageStateStore({ store: window.sessionStorage });
  return new UserManager({
    authority: issuer,
    client_id: clientId,
    scope,
    redirect_uri: (origin ?? location.origin) + CALLBACK,
    response_type: 'code',
    stateStore: store,
    userStore: store,
    automaticSilentRenew: false,
    loadUserInfo: false,
    monitorSession: false,
  });
}

/** Goes to the issuer; it sends the user back to the callback, and that to `place`. */
export async function leaveForIssuer(oidc: NonNullable<Config['oidc']>, place: string): Promise<void> {
  if (oidc.origin && oidc.origin !== location.origin) {
    location.assign(oidc.origin + place); // What is kept here would be missing there.
    return;
  }
  await manager(oidc).signinRedirect({ state: { place } });
}

/** Takes the code from the address and answers with the token, and where the user was. */
export async function returnFromIssuer(
  oidc: NonNullable<Config['oidc']>,
): Promise<{ token: string; place: string }> {
  const users = manager(oidc);
  const user = await users.signinRedirectCallback();
  await users.removeUser(); // The session keeps the token; once is enough.
  const { place } = user.state as { place: string };
  // Only ever back into the console, whatever the state says.
  return { token: user.access_token, place: place.startsWith('/console/') ? place : '/console/' };
}
