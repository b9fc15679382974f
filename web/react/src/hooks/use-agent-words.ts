import { useMemo } from 'react';
import { useParlor } from '../provider.tsx';
import { englishForAgents, type AgentMessages } from '../text/agent-messages.ts';
import type { Messages } from '../text/messages.ts';

/** All words, those of the late parts too. Only for these: whoever imports it loads them. */
export function useAgentWords(): Messages & AgentMessages {
  const { messages } = useParlor();
  return useMemo(() => ({ ...englishForAgents, ...messages }), [messages]);
}
