/** The ids of the changes that a mutation's answer names: what undo takes. */
export function changesIn(answer: { extensions?: Record<string, unknown> | undefined }): string[] {
  const made = answer.extensions?.['changes'];
  return Array.isArray(made) ? made.flatMap((each: { id?: unknown }) => (typeof each.id === 'string' ? [each.id] : [])) : [];
}
