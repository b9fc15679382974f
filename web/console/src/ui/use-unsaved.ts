import { useCallback, useEffect, useRef } from 'react';

/** Asks before something that was written and not saved is lost. */
export function useUnsaved(question: string) {
  const isDirty = useRef(false);
  const setDirty = useCallback((next: boolean) => {
    isDirty.current = next;
  }, []);
  useEffect(() => {
    const ask = (event: BeforeUnloadEvent) => {
      if (isDirty.current) event.preventDefault();
    };
    window.addEventListener('beforeunload', ask);
    return () => window.removeEventListener('beforeunload', ask);
  }, []);
  return { setDirty, mayLeave: () => !isDirty.current || window.confirm(question) };
}
