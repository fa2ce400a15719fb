import type { PersonFragment, PostFragment } from './channel.generated.ts';

/** What can be done about somebody who wrote. */
export interface AuthorActions {
  see(person: PersonFragment): void;
  restrict(person: PersonFragment, kind: 'ban' | 'mute', everywhere: boolean): void;
  copyId(person: PersonFragment): void;
}

/** What can be done with a message and about its author. */
export interface MessageActions extends AuthorActions {
  edit(post: PostFragment): void;
  pin(post: PostFragment): void;
  remove(post: PostFragment): void;
  copy(post: PostFragment): void;
}

/** Which menu of a message is open. */
export type OpenMenu = 'message' | 'author' | undefined;
