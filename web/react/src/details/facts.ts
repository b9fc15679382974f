import type { LiveChatConversation, LiveChatMessage } from '@parlor/client';

export interface Field {
  name: string;
  value: string;
}

const plain = (value: unknown): string | undefined =>
  (typeof value === 'string' && value !== '') || typeof value === 'number' || typeof value === 'boolean' ? String(value) : undefined;

/** What the funnel collected and the host added: the plain values; the page is shown as such. */
export function fieldsOf({ metadata, user }: LiveChatConversation): readonly Field[] {
  const all = { ...user.metadata, ...metadata };
  return Object.entries(all).flatMap(([name, each]) => {
    const value = plain(each);
    return name === 'page' || value === undefined ? [] : [{ name, value }];
  });
}

/** Where the person is on the host's site, if the host says so. */
export function pageOf({ metadata, user }: LiveChatConversation): string | undefined {
  return plain(metadata?.['page'] ?? user.metadata?.['page']);
}

export interface Step {
  id: string;
  blockId: string;
  /** What the bot asked. */
  asked: string;
  /** What was chosen or said. */
  answer: string | undefined;
  stage: string | undefined;
}

/**
 * The questions of the funnel in a thread, each with the first thing the user said to it. Asked again because the answer was
 * not understood, it is still the same step.
 */
export function stepsOf(thread: readonly LiveChatMessage[]): readonly Step[] {
  const steps: Step[] = [];
  for (const { id, type, text, metadata, author } of thread) {
    const last = steps[steps.length - 1];
    const blockId = type === 'bot' && author.kind === 'bot' ? metadata?.blockId : undefined;
    if (blockId !== undefined && blockId === last?.blockId) last.answer = undefined;
    else if (blockId !== undefined) steps.push({ id, blockId, asked: text, answer: undefined, stage: metadata?.funnelStage });
    else if (type === 'user' && last !== undefined) last.answer ??= text;
  }
  return steps;
}
