import type { ChatStreamChannelType } from './types.generated.ts';

export const TYPES = ['Livestream', 'Messaging', 'Team', 'Gaming', 'Commerce'] as const satisfies ChatStreamChannelType[];

/** The type as the API's enum writes it; undefined for one of the chat's own. */
export function typeOf(type: string): ChatStreamChannelType | undefined {
  return TYPES.find((known) => known.toLowerCase() === type);
}

/** The type as inputs name it: by the enum, or by its name where that has no word for it. */
export function typeInput(type: string): { type: ChatStreamChannelType } | { typeName: string } {
  const known = typeOf(type);
  return known === undefined ? { typeName: type } : { type: known };
}
