import type { LiveChatConversation } from '@parlor/client';
import type { AgentMessages } from '../text/agent-messages.ts';
import type { Format } from '../text/format.ts';
import { moment, until } from '../text/until.ts';

export interface Happening {
  kind: 'snoozed' | 'held' | 'closes' | 'erases' | 'marked';
  text: string;
  at?: Date | undefined;
}

const minute = 60_000;

/** What of a conversation that hangs on. */
export const lifecycleOf = ({ status, hold, snoozedUntil, closedAt, closeReason, autoCloseAt, deleteAt, eraseMarkedAt }: LiveChatConversation) =>
  ({ status, hold, snoozedUntil, closedAt, closeReason, autoCloseAt, deleteAt, eraseMarkedAt });
export type Lifecycle = ReturnType<typeof lifecycleOf>;

/** What happens to a conversation next if nobody does anything; undefined: nothing. */
export function nextOf(conversation: Lifecycle, words: AgentMessages, { locale }: Format, now: Date): Happening | undefined {
  const { status, hold, snoozedUntil, autoCloseAt, deleteAt, eraseMarkedAt } = conversation;
  if (status === 'open' && snoozedUntil) return { kind: 'snoozed', text: words.snoozedUntil(moment(locale, snoozedUntil, now)), at: snoozedUntil };
  if (hold) return { kind: 'held', text: words.onHold };
  if (status === 'open' && autoCloseAt) {
    // Late by a little, it is still within the minute: the server closes it, and this screen's clock is not the server's.
    const isSoon = autoCloseAt.getTime() - now.getTime() <= minute;
    return { kind: 'closes', text: isSoon ? words.closesSoon : words.closes(until(locale, autoCloseAt, now)), at: autoCloseAt };
  }
  if (eraseMarkedAt) return { kind: 'marked', text: words.eraseMarked, at: eraseMarkedAt };
  if (deleteAt) return { kind: 'erases', text: words.erasedOn(moment(locale, deleteAt, now)), at: deleteAt };
  return undefined;
}
