import type { ParlorServer, Person } from './server.ts';

export const ben = { role: 'agent', sub: 'ben', name: 'Ben' } as const satisfies Person;
/** The program behind the funnel. */
export const host = { role: 'service', sub: 'host' } as const satisfies Person;

export interface StoredConversation {
  id: string;
  userId: string;
  user: { name: string };
  messageCount: number;
}

/** What the server has of the one conversation with this person. */
export async function conversationOf<T = object>(server: ParlorServer, name: string): Promise<StoredConversation & T> {
  const query = '/conversations?status=all&archived=all&limit=50&messages=0';
  const { conversations } = await server.api<{ conversations: (StoredConversation & T)[] }>(ben, 'GET', query);
  const found = conversations.find(({ user }) => user.name === name);
  if (found === undefined) throw new Error(`nobody is called ${name}`);
  return found;
}

/** Somebody in the funnel says something. */
export async function say(server: ParlorServer, name: string, text: string): Promise<void> {
  const { id } = await conversationOf(server, name);
  await server.api(host, 'POST', '/messages', { conversationId: id, type: 'user', text });
}

/** A funnel of one question, for conversations to be in. */
export async function putFunnel(server: ParlorServer, id: string, name: string): Promise<void> {
  const blocks = { start: { id: 'start', message: 'What is it about?', options: [] } };
  const admin = { role: 'admin', sub: 'root' } as const;
  await server.api(admin, 'PUT', `/funnels/${id}`, { id, name, startBlockId: 'start', stages: [], blocks });
}
