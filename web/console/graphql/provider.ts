import { useQuery } from '@apollo/client/react';

import { ProviderDocument, type ProviderQuery } from './provider.generated.ts';

type Feature = ProviderQuery['provider']['supports'][number];

/** Which chat is behind the server; undefined until it is known. It is asked for once. */
export function useProvider(): ProviderQuery['provider'] | undefined {
  return useQuery(ProviderDocument, { fetchPolicy: 'cache-first' }).data?.provider;
}

/** Whether the chat has something; one that is not known yet is taken to have it. */
export function useSupports(feature: Feature): boolean {
  return useWhatIsSupported()(feature);
}

/** The same for any feature, and true for none. */
export function useWhatIsSupported(): (feature: Feature | undefined) => boolean {
  const supports = useProvider()?.supports;
  return (feature) => feature === undefined || (supports?.includes(feature) ?? true);
}
