import { useMemo } from 'react';
import { useParlor } from '../provider.tsx';
import { englishCommands, type CommandMessages } from '../text/command-messages.ts';
import type { Messages } from '../text/messages.ts';

/** All words, those of the commands too. */
export function useWords(): Messages & CommandMessages {
  const { messages } = useParlor();
  return useMemo(() => ({ ...englishCommands, ...messages }), [messages]);
}
