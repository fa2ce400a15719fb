import { useEffect, useMemo, useRef, useState } from 'react';

/** In rem, as List.module.css has it. */
const ROW = 3.75;

/**
 * A place on the page for each row in sight, kept as long as the row is and then
 * given to another: to fill a row anew is cheaper than to make one.
 */
export function useSlots(indices: readonly number[]): { of(index: number): number } {
  const slots = useRef(new Map<number, number>());
  return useMemo(() => {
    const wanted = new Set(indices);
    const free = [...slots.current].filter(([index]) => !wanted.has(index)).map(([, slot]) => slot);
    const next = new Map<number, number>();
    for (const index of indices) {
      const slot = slots.current.get(index);
      if (slot !== undefined) next.set(index, slot);
    }
    let unused = Math.max(-1, ...slots.current.values()) + 1;
    for (const index of indices) if (!next.has(index)) next.set(index, free.shift() ?? unused++);
    slots.current = next;
    return { of: (index: number) => next.get(index) ?? index };
  }, [indices.join()]);
}

/** Sizes are in rem, and the rem grows with the window. */
export function useRowHeight(): number {
  const measure = () => ROW * parseFloat(getComputedStyle(document.documentElement).fontSize);
  const [height, setHeight] = useState(measure);
  useEffect(() => {
    const onResize = () => setHeight(measure());
    window.addEventListener('resize', onResize);
    return () => window.removeEventListener('resize', onResize);
  }, []);
  return height;
}
