import { useEffect } from 'react';

/** Tells when the element's size is another, and once at first. */
export function useResize(element: HTMLElement | null, onResize: () => void) {
  useEffect(() => {
    if (element === null || typeof ResizeObserver === 'undefined') return;
    const observer = new ResizeObserver(onResize);
    observer.observe(element);
    return () => observer.disconnect();
  }, [element, onResize]);
}
