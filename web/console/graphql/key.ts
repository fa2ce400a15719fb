import { useRef } from 'react';

/**
 * A key for the header Idempotency-Key: whoever sends a mutation again with the
 * same one can't do it twice. (crypto.randomUUID is missing on plain http.)
 */
export const newKey = (): string => randomHex(16);

/** As many random bytes, two letters for each. */
export function randomHex(bytes: number): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(bytes)), (byte) => byte.toString(16).padStart(2, '0')).join('');
}

/** The context of a mutation that is to happen once. Make the key where the change is meant, not where it is sent. */
export const once = (key: string) => ({ headers: { 'Idempotency-Key': key } });

/** A form's key for each different input: the same one for a retry, another after a change. */
export function useKeyFor(): (input: unknown) => string {
  const last = useRef({ input: '', key: '' });
  return (input) => {
    const text = JSON.stringify(input);
    if (text !== last.current.input) last.current = { input: text, key: newKey() };
    return last.current.key;
  };
}
