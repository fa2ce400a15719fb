import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client';
import { GraphQLWsLink } from '@apollo/client/link/subscriptions';
import { getMainDefinition } from '@apollo/client/utilities';
import { createClient } from 'graphql-ws';
import { from, map, switchMap } from 'rxjs';

import { askWhoIs } from '../auth/ask.ts';
import { session } from '../auth/session.ts';
import { connection } from './connection.ts';
import { randomHex } from './key.ts';

const ENDPOINT = '/graphql';
const FORBIDDEN = 4403;
const PATIENCE = 60_000; // A connection that went silent would else be waited for without an end.

/** What a proxy answers for a server that is away. */
const BY_A_PROXY = [502, 503, 504];

/** Sends the token and an id of our own, which errors then carry for the operator. */
const identify = new ApolloLink((operation, forward) => {
  const requestId = randomHex(8);
  return from(session.fresh()).pipe(
    switchMap((token) => {
      operation.setContext(({ headers }: { headers?: Record<string, string> }) => ({
        headers: { ...headers, 'X-Request-Id': requestId, ...(token !== null && { Authorization: `Bearer ${token}` }) },
      }));
      return forward(operation).pipe(
        map((result) => {
          if (!('errors' in result) || result.errors === undefined) return result;
          const errors = result.errors.map((error) => ({ ...error, extensions: { requestId, ...error.extensions } }));
          const refused = result.errors.some((error) => error.extensions?.['code'] === 'UNAUTHORIZED');
          if (refused && token !== null) void tokenRefused(token);
          return { ...result, errors };
        }),
      );
    }),
  );
});

const http = new HttpLink({
  uri: ENDPOINT,
  fetch: async (input, init) => {
    const signals = [AbortSignal.timeout(PATIENCE), ...(init?.signal ? [init.signal] : [])];
    try {
      const response = await fetch(input, { ...init, cache: 'no-store', signal: AbortSignal.any(signals) });
      if (BY_A_PROXY.includes(response.status)) void connection.suspect();
      return response;
    } catch (error) {
      const name = error instanceof DOMException ? error.name : '';
      if (name === 'TimeoutError') void connection.suspect();
      else if (name !== 'AbortError') connection.failed();
      throw error;
    }
  },
});

let socket: WebSocket | undefined;
let sent: string | null = null;

/** The server goes on with a connection for which a newer token comes in time. */
function sendNewer(): void {
  const { token } = session.state;
  if (token === null || token === sent || !connection.live || socket?.readyState !== WebSocket.OPEN) return;
  sent = token;
  socket.send(JSON.stringify({ type: 'ping', payload: { authorization: `Bearer ${token}` } }));
}

/** Connects with the first subscription and comes back by itself after a loss. */
const live = createClient({
  url: () => new URL(ENDPOINT, location.href).href.replace(/^http/, 'ws'),
  connectionParams: async () => {
    sent = await session.fresh();
    return { authorization: `Bearer ${sent ?? ''}` };
  },
  keepAlive: 10_000,
  retryAttempts: Number.POSITIVE_INFINITY,
  shouldRetry: (event) => session.state.token !== null && (session.state.renews === true || !isForbidden(event)),
  retryWait: async (retries) => {
    const longest = Math.min(250 * 2 ** retries, 5_000);
    await new Promise((resolve) => setTimeout(resolve, longest * (0.5 + Math.random() / 2)));
  },
  on: {
    opened: (opened) => (socket = opened as WebSocket),
    connected: () => {
      connection.setLive(true);
      sendNewer();
    },
    closed: (event) => {
      socket = undefined;
      connection.setLive(false);
      const { token } = session.state;
      if (token !== null && isForbidden(event)) void tokenRefused(token);
      else if (token !== null) void connection.suspect();
    },
  },
});

/**
 * A subscription whose context has `resume` is sent again, after a loss, with the
 * variables that it gives by then, and not with those of the beginning.
 */
const resume = new ApolloLink((operation, forward) => {
  const { resume } = operation.getContext() as { resume?: () => object };
  if (resume !== undefined) {
    const { variables } = operation;
    operation.variables = { toJSON: () => ({ ...variables, ...resume() }) };
  }
  return forward(operation);
});

export const client = new ApolloClient({
  cache: new InMemoryCache({
    typePolicies: { Channel: { keyFields: ['cid'] }, ChatStreamChannelsBoResponse: { keyFields: ['cid'] } },
  }),
  link: ApolloLink.split(
    ({ query }) => {
      const main = getMainDefinition(query);
      return main.kind === 'OperationDefinition' && main.operation === 'subscription';
    },
    resume.concat(new GraphQLWsLink(live)),
    ApolloLink.from([identify, http]),
  ),
  defaultOptions: { watchQuery: { fetchPolicy: 'cache-and-network' } },
});

connection.onRecovery(() => void client.refetchQueries({ include: 'active' }));

// What the last user saw is not the next one's to see.
let holder = session.state.holder?.id;
session.subscribe(() => {
  const { token, holder: now } = session.state;
  if (token === null) live.terminate();
  else sendNewer();
  if (token === null || now?.id !== holder) void client.clearStore();
  holder = now?.id;
});

let asking: string | undefined;

/** The one place that acts on UNAUTHORIZED: finds out why, has the token renewed, or leads to the sign-in page. */
export async function tokenRefused(token: string): Promise<void> {
  if (asking === token) return; // One refusal seldom comes alone.
  asking = token;
  let verdict = await askWhoIs(token);
  if (verdict === 'refused' && session.state.renews === true) {
    if (session.state.token === token) await session.renew();
    const { token: newer, renews } = session.state;
    if (newer === null || (newer === token && renews === true)) verdict = 'unreachable'; // The session tries on, and ends by itself.
    else if (newer !== token) verdict = await askWhoIs((token = newer));
    if (verdict === 'welcome') void client.refetchQueries({ include: 'active' });
  }
  asking = undefined;
  if (session.state.token !== token) return;
  if (verdict === 'denied' || verdict === 'refused') session.end(verdict);
}

function isForbidden(event: unknown): boolean {
  return event instanceof CloseEvent && event.code === FORBIDDEN;
}
