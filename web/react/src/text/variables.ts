import type { LiveChatConversation, Me } from '@parlor/client';

const firstWord = (name: string) => name.trim().split(/\s+/u)[0] ?? '';

/**
 * A saved answer with its variables filled in. One without a value goes with the space before it; an unknown one stays, so
 * that whoever sends it sees it.
 */
export function fillVariables(text: string, conversation: LiveChatConversation | undefined, me: Me | undefined): string {
  const user = conversation?.user.name ?? '';
  const agent = me?.name ?? '';
  const values: Record<string, string> = {
    'user.name': user,
    'user.firstName': firstWord(user),
    'agent.name': agent,
    'agent.firstName': firstWord(agent),
    'conversation.funnelName': conversation?.funnelName ?? '',
  };
  return text.replace(/( ?)\{\{\s*([\w.]+)\s*\}\}/gu, (whole, space: string, name: string) => {
    const value = Object.hasOwn(values, name) ? values[name] : undefined;
    if (value === undefined) return whole;
    return value === '' ? '' : space + value;
  });
}
