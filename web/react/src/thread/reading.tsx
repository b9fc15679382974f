import type { LiveChat } from '@parlor/client';
import { useCallback, useEffect, useLayoutEffect, useMemo, useState } from 'react';
import { useConversation, useMe, type ThreadState } from '../hooks/narrow.ts';
import { usePageVisible } from '../hooks/use-page-visible.ts';
import { useParlor } from '../provider.tsx';
import { JumpToLatest } from './jump-to-latest.tsx';
import type { Row } from './rows.ts';
import type { RowsProps } from './windowed-rows.tsx';

// What reading a thread is, however its rows are laid out.

/** The row that was asked for: a private note, or else a message; -1 where it is not. */
function askedRow(chat: LiveChat, rows: readonly Row[], { messageSeq, noteId }: Pick<RowsProps, 'messageSeq' | 'noteId'>): number {
  const note = noteId === undefined ? -1 : rows.findIndex((row) => row.kind === 'note' && row.note.id === noteId);
  if (note >= 0 || messageSeq === undefined) return note;
  return rows.findIndex((row) => row.kind === 'message' && chat.message(row.id).get()?.seq === messageSeq);
}

/** Where to begin: what was asked for, else the divider. */
export function useFirstRow({ rows, messageSeq, noteId }: RowsProps) {
  const { chat } = useParlor();
  const [index] = useState(() => {
    const asked = askedRow(chat, rows, { messageSeq, noteId });
    return asked < 0 ? rows.findIndex((row) => row.kind === 'new') : asked;
  });
  return { initialIndex: index < 0 ? undefined : index, initialAlign: messageSeq === undefined ? 'start' : 'center' } as const;
}

/** What a reader sees is read, what they wrote comes into view; away from the end they get a way there. */
export function useReader({ conversationId, thread, rows, messageSeq, noteId }: RowsProps, isAtEnd: boolean, scrollToEnd: () => void) {
  const { chat } = useParlor();
  const { ids, hasNewer } = thread;
  const isAtLatest = isAtEnd && !hasNewer;
  useReading(conversationId, thread, isAtLatest);
  const newCount = useNewCount(ids, useConversation(conversationId)?.messageCount ?? 0, isAtLatest);
  useOwnInView(rows, ids[ids.length - 1], scrollToEnd);

  function jump() {
    if (hasNewer) void chat.loadNewest(conversationId).then(scrollToEnd);
    else scrollToEnd();
  }
  return { lit: useLit(rows, { messageSeq, noteId }), jumpToLatest: !isAtLatest && <JumpToLatest newCount={newCount} onJump={jump} /> };
}

/** What I send or note I see, wherever I was reading. */
function useOwnInView(rows: readonly Row[], lastId: string | undefined, scrollToEnd: () => void) {
  const { chat } = useParlor();
  const me = useMe()?.sub;
  const last = rows[rows.length - 1];
  const [firstLastKey] = useState(last?.key);
  const myNote = last?.kind === 'note' && last.note.author.id === me && last.key !== firstLastKey ? last.key : undefined;
  useLayoutEffect(() => {
    if (lastId !== undefined && chat.message(lastId).get()?.seq === 0) scrollToEnd();
  }, [chat, lastId, scrollToEnd]);
  useLayoutEffect(() => {
    if (myNote !== undefined) scrollToEnd();
  }, [myNote, scrollToEnd]);
}

/** The row that was asked for, until its light went out: scrolled away and back it is as every other. */
function useLit(rows: readonly Row[], asked: Pick<RowsProps, 'messageSeq' | 'noteId'>) {
  const { chat } = useParlor();
  const [lit, setLit] = useState(asked);
  return { key: rows[askedRow(chat, rows, lit)]?.key, out: useCallback(() => setLit({}), []) };
}

/**
 * Marks as read what is seen: the end of the thread, on a page somebody looks at. Where a person has marked it as unread
 * meanwhile it stays unread until the thread is opened again.
 */
function useReading(conversationId: string, thread: ThreadState, isAtLatest: boolean) {
  const { chat, side } = useParlor();
  const isVisible = usePageVisible();
  const conversation = useConversation(conversationId);
  const hasUnread = (conversation?.unreadCount ?? 0) > 0;
  const mark = (side === 'user' ? conversation?.userLastReadSeq : conversation?.agentLastReadSeq) ?? 0;
  const [highest, setHighest] = useState(mark);
  const [isKeptUnread, setKeptUnread] = useState(false);
  if (mark > highest) setHighest(mark);
  if (mark < highest !== isKeptUnread) setKeptUnread(mark < highest);
  const lastId = thread.ids[thread.ids.length - 1];
  useEffect(() => {
    if (isAtLatest && isVisible && hasUnread && !isKeptUnread && thread.isLoaded && lastId !== undefined) chat.markRead(conversationId);
  }, [chat, conversationId, isAtLatest, isVisible, hasUnread, isKeptUnread, thread.isLoaded, lastId]);
}

/** How many messages of others came since the reader left the end. Those that are not loaded yet are counted whoever wrote them. */
function useNewCount(ids: readonly string[], total: number, isAtLatest: boolean): number {
  const { chat, side } = useParlor();
  const [seen, setSeen] = useState(total);
  if (seen !== total && (isAtLatest || seen === 0)) setSeen(total);
  return useMemo(() => {
    if (isAtLatest) return 0;
    const others = side === 'user' ? 'bot' : 'user';
    let count = total;
    for (const id of ids) {
      const { seq = 0, type } = chat.message(id).get() ?? {};
      if (seq > seen && type !== others) count -= 1;
    }
    return count - seen;
  }, [chat, ids, isAtLatest, seen, side, total]);
}
