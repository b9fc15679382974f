import { useMemo } from 'react';
import { useParlor } from '../provider.tsx';
import type { Messages } from '../text/messages.ts';
import { englishTools, type ToolMessages } from '../text/tool-messages.ts';

/** All words, those of the list's tools too. */
export function useToolWords(): Messages & ToolMessages {
  const { messages } = useParlor();
  return useMemo(() => ({ ...englishTools, ...messages }), [messages]);
}
