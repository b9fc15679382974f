import type { LiveChat } from '@parlor/client';
import { breach } from './breach.js';
import type { Tab } from './page.js';
import type { World } from './world.js';

/** Pages after which a list or thread that still has more is broken. */
const PAGES = 200;

/** Loads every list and thread of a tab to its end, as somebody does who scrolls all the way. */
export async function showEverything(world: World, chat: LiveChat, { filters, threads }: Tab): Promise<void> {
  for (const one of filters) {
    for (let page = 0; chat.list(one).get().hasMore; page += 1) {
      if (page > PAGES) throw breach('stuck', `the list ${JSON.stringify(one)} has no end`);
      void chat.loadMore(one);
      await world.quiet();
    }
  }
  for (const id of threads) {
    for (let page = 0; chat.messages(id).get().hasOlder; page += 1) {
      if (page > PAGES) throw breach('stuck', `the thread ${id} has no beginning`);
      void chat.loadOlder(id);
      await world.quiet();
    }
  }
}

/** All that a tab shows but what is its own: presence (not covered by the promise) and what is not stored. */
export function screenOf(chat: LiveChat, { filters, threads }: Tab): unknown {
  const lists = filters.map((one) => {
    const { ids, total, hasMore, isLoaded } = chat.list(one).get();
    return { filters: JSON.stringify(one), ids, total, hasMore, isLoaded };
  });
  const shown = new Set([...lists.flatMap(({ ids }) => ids), ...threads]);
  return {
    lists,
    rows: Object.fromEntries([...shown].map((id) => [id, rowOf(chat, id)])),
    threads: Object.fromEntries([...threads].map((id) => [id, threadOf(chat, id)])),
  };
}

function rowOf(chat: LiveChat, id: string): unknown {
  const row = chat.conversation(id).get();
  if (!row) return undefined;
  const { isOnline: _, lastSeen: __, ...user } = row.user;
  return { ...row, user };
}

function threadOf(chat: LiveChat, id: string): unknown {
  const { ids, hasOlder, hasNewer, isLoaded } = chat.messages(id).get();
  const messages = ids.map((messageId) => chat.message(messageId).get()).filter((message) => message?.seq !== 0);
  return { messages, hasOlder, hasNewer, isLoaded };
}
