import type { UsersQuery } from './users.generated.ts';

export type User = UsersQuery['chatUsers']['nodes'][number];

export const nameOf = ({ id, name }: { id: string; name: string | null }): string => name ?? id;
