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
  /** The conversation has been read: what points at it goes. */
  withdraw(conversationId: string): void;
  withdrawAll(): void;
}

export interface NotifierOptions {
  nameOf(conversation: LiveChatConversation): string;
  summary(count: number): string;
  open(conversationId: string): void;
}

/** One notification a conversation: a newer one takes the place of the one before. */
export function createNotifier({ nameOf, summary, open }: NotifierOptions): Notifier {
  const shown = new Map<string, Notification>();

  function show(tag: string, title: string, body: string, click: () => void) {
    try {
      const notification = new Notification(title, { body, tag, icon });
      shown.set(tag, notification);
      notification.addEventListener('click', () => {
        window.focus();
        notification.close();
        click();
      });
      notification.addEventListener('close', () => {
        if (shown.get(tag) === notification) shown.delete(tag);
      });
    } catch {
      // Phones give notifications to service workers only. The title and the badge say it there.
    }
  }

  return {
    notify(arrived) {
      if (arrived.length > atOnce) return show('parlor', summary(arrived.length), '', () => undefined);
      for (const each of arrived) show(each.id, nameOf(each), each.lastMessage, () => open(each.id));
    },
    withdraw: (id) => shown.get(id)?.close(),
    withdrawAll() {
      for (const notification of shown.values()) notification.close();
      shown.clear();
    },
  };
}
