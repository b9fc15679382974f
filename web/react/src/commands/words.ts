import { useMemo } from 'react';
import { useAgentWords } from '../hooks/use-agent-words.ts';
import type { AgentMessages } from '../text/agent-messages.ts';
import { englishCommands, type CommandMessages } from '../text/command-messages.ts';
import type { Messages } from '../text/messages.ts';

/** All words, those of the commands too. */
export function useWords(): Messages & AgentMessages & CommandMessages {
  const words = useAgentWords();
  return useMemo(() => ({ ...englishCommands, ...words }), [words]);
}
