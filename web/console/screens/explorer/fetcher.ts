import type { Fetcher, FetcherParams } from '@graphiql/toolkit';
import { Kind, parse } from 'graphql';

const ACCEPT = 'application/graphql-response+json, application/json;q=0.9';

/** Sends operations to the endpoint; headers of GraphiQL's header editor win over these. */
export function createFetcher(endpoint: string, fresh: () => Promise<string | null>): Fetcher {
  return async (params, options) => {
    const headers = new Headers({ Accept: ACCEPT, 'Content-Type': 'application/json' });
    const token = await fresh();
    if (token !== null) headers.set('Authorization', `Bearer ${token}`);
    for (const [name, value] of Object.entries(options?.headers ?? {})) headers.set(name, String(value));

    const body = JSON.stringify(withKnownName(params));

    let response: Response;
    try {
      response = await fetch(endpoint, { method: 'POST', headers, body, cache: 'no-store' });
    } catch {
      return failure('The server cannot be reached.');
    }
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      return failure(`The server answered ${response.status} ${response.statusText}, and not in JSON.`, text);
    }
  };
}

/**
 * GraphiQL learns the name of a tab's operation a moment after the tab was
 * chosen; who is faster than that must not get the name of the tab before.
 */
function withKnownName(params: FetcherParams): FetcherParams {
  let names: (string | undefined)[];
  try {
    names = parse(params.query, { noLocation: true })
      .definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
      .map((definition) => definition.name?.value);
  } catch {
    return params; // The server says better what is wrong.
  }
  if (!params.operationName || names.includes(params.operationName)) return params;
  const { operationName: _stale, ...rest } = params;
  return names[0] === undefined ? rest : { ...rest, operationName: names[0] };
}

function failure(message: string, body?: string) {
  const extensions = body ? { body: body.slice(0, 1000) } : {};
  return { errors: [{ message, extensions }] } as unknown as Awaited<ReturnType<Fetcher>>;
}
