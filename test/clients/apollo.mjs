// Apollo Client as a CRM would set it up.
import { ApolloClient, HttpLink, InMemoryCache } from '@apollo/client';

/**
 * A client with a token, or without one. Channels are kept by cid: their id is
 * unique within a type only, and Apollo's cache would take two for one.
 */
export function apollo(url, token) {
  return new ApolloClient({
    link: new HttpLink({ uri: url, headers: token ? { Authorization: `Bearer ${token}` } : {} }),
    cache: new InMemoryCache({
      typePolicies: {
        ChatStreamChannelsBoResponse: { keyFields: ['cid'] },
        Channel: { keyFields: ['cid'] },
      },
    }),
    defaultOptions: { query: { fetchPolicy: 'network-only' } },
  });
}
