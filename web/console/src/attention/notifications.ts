import type { LiveChatConversation } from '@parlor/client';

/** Above this many at once, as after a night, one notification stands for all. */
const atOnce = 4;
const icon = '/favicon.svg';

export type Permission = NotificationPermission | 'missing';

export function permission(): Permission {
  return typeof Notification === 'undefined' || !globalThis.isSecureContext ? 'missing' : Notification.permission;
}

/** Call it from a click: browsers refuse whoever asks unasked, and people too. */
export async function askPermission(): Promise<Permission> {
  return permission() === 'default' ? Notification.requestPermission() : permission();
}

export interface Notifier {
  notify(arrived: readonly LiveChatConversation[]): void;
  /** Somebody is at the conversation: what points at it goes. */
  withdraw(conversationId: string): void;
  withdrawAll(): void;
}

export interface NotifierOptions {
  nameOf(conversation: LiveChatConversation): string;
  summary(count: number): string;
  open(conversationId: string): void;
  /** Calls back once nobody waits there any more, until it is told to stop. */
  whenOver(conversationId: string, over: () => void): () => void;
}

/** One notification a conversation: a newer one takes the place of the one before. It goes when what it is about is over. */
export function createNotifier({ nameOf, summary, open, whenOver }: NotifierOptions): Notifier {
  const shown = new Map<string, Notification>();

  function show(tag: string, ids: readonly string[], title: string, body: string, click: () => void) {
    try {
      const notification = new Notification(title, { body, tag, icon });
      shown.set(tag, notification);
      const left = new Map<string, () => void>();
      const over = (id: string) => {
        left.get(id)?.();
        left.delete(id);
        if (left.size === 0) notification.close();
      };
      for (const id of ids) left.set(id, whenOver(id, () => over(id)));
      notification.addEventListener('click', () => {
        window.focus();
        notification.close();
        click();
      });
      notification.addEventListener('close', () => {
        for (const stop of left.values()) stop();
        if (shown.get(tag) === notification) shown.delete(tag);
      });
    } catch {
      // Phones give notifications to service workers only. The title and the badge say it there.
    }
  }

  return {
    notify(arrived) {
      const ids = arrived.map(({ id }) => id);
      if (arrived.length > atOnce) return show('parlor', ids, summary(arrived.length), '', () => undefined);
      for (const each of arrived) show(each.id, [each.id], nameOf(each), each.lastMessage, () => open(each.id));
    },
    withdraw: (id) => shown.get(id)?.close(),
    withdrawAll() {
      for (const notification of shown.values()) notification.close();
      shown.clear();
    },
  };
}
