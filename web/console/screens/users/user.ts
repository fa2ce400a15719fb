import type { UsersQuery } from './users.generated.ts';

export type User = UsersQuery['chatUsers']['nodes'][number];
