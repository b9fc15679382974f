import type { LiveChat } from '@parlor/client';

export interface Agent {
  id: string;
  name?: string | undefined;
}

/** Colleagues as far as the loaded conversations tell: whoever holds one. */
export function knownAgents(chat: LiveChat, ids: readonly string[]): readonly Agent[] {
  const agents = new Map<string, Agent>();
  for (const id of ids) {
    const assignee = chat.conversation(id).get()?.assignee;
    if (assignee?.id !== undefined) agents.set(assignee.id, { id: assignee.id, name: assignee.name });
  }
  return [...agents.values()].toSorted((a, b) => (a.name || a.id).localeCompare(b.name || b.id));
}
