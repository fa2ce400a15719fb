/**
 * A key for the header Idempotency-Key: whoever sends a mutation again with the
 * same one can't do it twice. (crypto.randomUUID is missing on plain http.)
 */
export const newKey = (): string => randomHex(16);

/** As many random bytes, two letters for each. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The context of a mutation that is to happen once. */
export const once = (key: string = newKey()) => ({ headers: { 'Idempotency-Key': key } });
