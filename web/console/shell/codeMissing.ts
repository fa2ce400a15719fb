/** A part of the page did not come from the server. */
export class CodeMissing extends Error {
  override name = 'CodeMissing';
}
