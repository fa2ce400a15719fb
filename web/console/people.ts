/** Somebody as the lists have it. */
export interface Person {
  id: string;
  name: string | null;
}

export const nameOf = ({ id, name }: Person): string => (name === null || name === '' ? id : name);

/** Within a sentence: with the id, since two people may have one name. */
export const named = (person: Person): string => (nameOf(person) === person.id ? person.id : `${nameOf(person)} (${person.id})`);
