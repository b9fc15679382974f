import { useCallback } from 'react';
import type { BulkAction } from '../list/bulk.ts';
import { tools } from '../list/lazy-tools.ts';
import { useParlor } from '../provider.tsx';

export type Act = (ids: readonly string[], action: BulkAction, name?: string) => void;

/** Closes, archives, assigns, labels or marks conversations, one or many, and shows what was done with a way back. */
export function useAct(): Act {
  const parlor = useParlor();
  return useCallback<Act>(
    (...args) => {
      const { inbox, messages } = parlor;
      tools().then(
        ({ actAndTell }) => actAndTell(parlor, ...args),
        () => inbox.notice.set({ text: messages.connectionOffline }),
      );
    },
    [parlor],
  );
}
