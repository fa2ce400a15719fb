import { useEffect, type RefObject } from 'react';

/** Keeps notices above an element at the foot of the page. */
export function useFoot(element: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const foot = element.current;
    if (foot === null) return;
    const root = document.documentElement.style;
    const observer = new ResizeObserver(() => root.setProperty('--bc-foot', `${Math.max(0, innerHeight - foot.getBoundingClientRect().top)}px`));
    observer.observe(foot);
    return () => {
      observer.disconnect();
      root.removeProperty('--bc-foot');
    };
  }, [element]);
}
