// The reference document, word for word in document.txt, cut into the parts that
// the tests use: what they send is the document's own text.
import { readFileSync } from 'node:fs';

const text = readFileSync(new URL('document.txt', import.meta.url), 'utf8');

/** The query text of an operation, e.g. operation('DeleteChannels'). */
export function operation(name) {
  return part(new RegExp(`^(?:query|mutation) ${name}\\b[\\s\\S]*?(?=\\nArguments$)`, 'm'));
}

/** The example answer of allChannels. */
export const allChannelsAnswer = JSON.parse(part(/^\{\n"data"[\s\S]*?(?=\nMutations$)/m));

/** The example answer of an error. */
export const errorAnswer = JSON.parse(part(/(?<=^Example Error Response\n)[\s\S]*?(?=\nUsage Examples$)/m));

/** The lines of the two usage examples, as they stand. */
export const usageExamples = {
  create: part(/(?<=^Creating a New Chat Channel\n)[\s\S]*?(?=\nSending a Message to a Channel$)/m).split('\n'),
  send: part(/(?<=^Sending a Message to a Channel\n)[\s\S]*$/m).trimEnd().split('\n'),
};

function part(pattern) {
  const found = text.match(pattern);
  if (!found) throw new Error(`the document has no ${pattern}`);
  return found[0];
}
