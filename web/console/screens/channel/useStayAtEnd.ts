import { useEffect, useLayoutEffect, useRef, type RefObject } from 'react';

/**
 * Keeps the end of what scrolls in sight where it was so: also when something at
 * the end grows, or something below takes room away. `near` is in pixels.
 */
export function useStayAtEnd(scroller: RefObject<HTMLElement | null>, size: number, near: number, toEnd: () => void): void {
  const atEnd = useRef(true);
  useLayoutEffect(() => {
    if (atEnd.current) toEnd();
  }, [size, toEnd]);
  useEffect(() => {
    const element = scroller.current;
    if (element === null) return;
    const onScroll = () => {
      atEnd.current = element.scrollHeight - element.clientHeight - element.scrollTop <= near;
    };
    const observer = new ResizeObserver(() => atEnd.current && toEnd());
    element.addEventListener('scroll', onScroll, { passive: true });
    observer.observe(element);
    return () => {
      element.removeEventListener('scroll', onScroll);
      observer.disconnect();
    };
  }, [scroller, near, toEnd]);
}
