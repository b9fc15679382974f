import type { LiveChat, LiveChatConversation } from '@parlor/client';
import { useMe, useParlor, useUnreadCount } from '@parlor/react';
import { useEffect } from 'react';
import { settings, useSettings } from '../settings.ts';
import { useWords } from '../text/words.tsx';
import { followArrivals } from './arrivals.ts';
import { followUnread, titleOf } from './badge.ts';
import { createNotifier, permission } from './notifications.ts';
import { isAnyLookedAt, readNow, standFor, tellLooking } from './one-tab.ts';
import { chime, whenAudible } from './sound.ts';

/** The unread count where one looks for it from elsewhere. */
function useBadges() {
  const { chat, format } = useParlor();
  const unread = useUnreadCount();
  const workspace = useMe()?.workspace.name;
  useEffect(() => {
    document.title = titleOf(unread > 0 ? format.number(unread, 999) : undefined, workspace);
  }, [unread, workspace, format]);
  // Whoever signs out leaves neither how many wait for them nor where.
  useEffect(
    () => () => {
      document.title = titleOf(undefined, undefined);
    },
    [],
  );
  useEffect(() => followUnread(chat), [chat]);
}

/** Whether this agent is meant: nobody answers yet, or they do. What the bot or a colleague does is theirs. */
const concerns = ({ handler, assignee }: LiveChatConversation, me: string | undefined) =>
  handler === 'queue' || (handler === 'agent' && assignee?.id === me);

/** Whether somebody still waits there for this agent: not read here, in another tab or by a colleague, not over, not another's. */
function waits(chat: LiveChat, id: string): boolean {
  const row = chat.conversation(id).get();
  return row?.status === 'open' && row.unreadCount > 0 && concerns(row, chat.me.get()?.sub);
}

function useNotifications() {
  const { chat, inbox, messages } = useParlor();
  const { notifications } = useSettings();
  const words = useWords();
  useEffect(() => {
    if (!notifications || permission() !== 'granted') return;
    const role = standFor('parlor.notifies');
    const notifier = createNotifier({
      nameOf: ({ user }) => user.name || messages.visitor,
      summary: words.newMessagesIn,
      open: (id) => inbox.select(id),
      whenOver: (id, over) => chat.conversation(id).subscribe(() => waits(chat, id) || over()),
    });
    const stopArrivals = followArrivals(chat, (arrived) => {
      const mine = arrived.filter((each) => concerns(each, chat.me.get()?.sub));
      if (mine.length === 0 || !role.isMine()) return;
      void isAnyLookedAt().then((isLooked) => {
        const waiting = mine.filter(({ id }) => waits(chat, id));
        if (!isLooked && waiting.length > 0) notifier.notify(waiting);
      });
    });
    const stopReading = inbox.subscribe(() => {
      const { selectedConversationId } = inbox.get();
      if (selectedConversationId !== undefined) notifier.withdraw(selectedConversationId);
    });
    return () => {
      stopArrivals();
      stopReading();
      notifier.withdrawAll();
      role.giveUp();
    };
  }, [chat, inbox, messages, words, notifications]);
}

function useSound() {
  const { chat, inbox } = useParlor();
  const { sound } = useSettings();
  useEffect(() => {
    if (!sound) return;
    let role: ReturnType<typeof standFor> | undefined;
    // A tab that may not sound must not keep the role from one that may.
    const stopWaiting = whenAudible(() => {
      role = standFor('parlor.sounds');
    });
    const stopArrivals = followArrivals(chat, (arrived) => {
      const mine = arrived.filter((each) => concerns(each, chat.me.get()?.sub));
      if (mine.length === 0 || !role?.isMine()) return;
      void readNow(inbox).then((read) => {
        if (mine.some(({ id }) => !read.has(id))) chime(settings.get().volume);
      });
    });
    return () => {
      stopWaiting();
      stopArrivals();
      role?.giveUp();
    };
  }, [chat, inbox, sound]);
}

/** Everything that tells somebody who looks elsewhere that people wait. */
export function useAttention(): void {
  const { inbox } = useParlor();
  useBadges();
  useEffect(() => tellLooking(inbox), [inbox]);
  useNotifications();
  useSound();
}
