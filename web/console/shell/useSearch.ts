import { useDebouncedValue } from '@mantine/hooks';
import { useCallback, useEffect, useRef, useState } from 'react';
import { useSearchParams } from 'wouter';

/** Sets a parameter of the address, or takes it away where it is empty, and leaves the others. */
export function useParam(): (name: string, value: string) => void {
  const [, setParams] = useSearchParams();
  return useCallback(
    (name, value) =>
      setParams(
        (before) => {
          const now = new URLSearchParams(before);
          if (value === '') now.delete(name);
          else now.set(name, value);
          return now;
        },
        { replace: true },
      ),
    [setParams],
  );
}

/**
 * The text of a search field, kept in the address: a letter is shown at once and
 * comes there when the typing has stopped for so many milliseconds; a link or a
 * step back in the history changes the field.
 */
export function useSearch(pause: number) {
  const [params] = useSearchParams();
  const setParam = useParam();
  const inAddress = params.get('search') ?? '';
  const [text, setText] = useState(inAddress);
  const [settled] = useDebouncedValue(text.trim(), pause);
  const written = useRef(inAddress);
  useEffect(() => {
    if (settled === written.current) return;
    written.current = settled;
    setParam('search', settled);
  }, [settled, setParam]);
  useEffect(() => {
    if (inAddress === written.current) return;
    written.current = inAddress;
    setText(inAddress);
  }, [inAddress]);
  return { text, setText, settled };
}
