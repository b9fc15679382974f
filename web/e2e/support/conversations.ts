const minute = 60_000;

export interface Guest {
  /** Sorts and reads as its number: `Guest 0042`. */
  name: string;
  messages: readonly string[];
  isClosed?: boolean;
}

/** Many short conversations as `parlor import` reads them, the first one the newest. Every tenth is closed. */
export function guests(count: number): Guest[] {
  return Array.from({ length: count }, (_, index) => ({
    name: `Guest ${String(index + 1).padStart(4, '0')}`,
    messages: Array.from({ length: 2 + (index % 5) }, (_, turn) => `Question ${turn + 1} about order ${index + 1}`),
    isClosed: index % 10 === 9,
  }));
}

/** One line of an import. `ageMinutes` is how long ago its last message was. */
export function conversation({ name, messages, isClosed = false }: Guest, ageMinutes: number): object {
  const endedAt = Date.now() - ageMinutes * minute;
  const at = (index: number) => new Date(endedAt - (messages.length - 1 - index) * minute).toISOString();
  return {
    externalId: name,
    user: { id: name, name },
    funnelId: 'shop',
    funnelName: 'Shop',
    status: isClosed ? 'closed' : 'open',
    ...(isClosed && { closedAt: at(messages.length - 1), closeReason: 'agent' }),
    startedAt: at(0),
    handler: 'queue',
    agentLastReadSeq: messages.length,
    messages: messages.map((text, index) => ({ type: index % 2 === 0 ? 'user' : 'bot', text, timestamp: at(index) })),
  };
}
