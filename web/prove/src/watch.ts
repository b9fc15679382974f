import type { Page } from './page.js';

/** Looks at a thread whenever it changes: never a message twice, never out of order, never another text. */
export function watchThread(page: Page, id: string): () => void {
  const thread = page.chat.messages(id);
  const versions = new Map<string, number>();
  const where = `${page.tab.name}, thread ${id}`;
  return thread.subscribe(() => {
    const { ids } = thread.get();
    if (new Set(ids).size !== ids.length) page.world.fail('doubled', `${where}: a message is shown twice: ${ids.join(' ')}`);
    let last = 0;
    for (const messageId of ids) {
      const message = page.chat.message(messageId).get();
      if (!message) {
        page.world.fail('ghost', `${where}: ${messageId} is in the thread and unknown`);
        continue;
      }
      const { seq, version, text } = message;
      if (version < (versions.get(messageId) ?? 0)) page.world.fail('stale', `${where}: ${messageId} went back to version ${version}`);
      versions.set(messageId, version);
      const said = page.world.journal.find(messageId);
      if (said && said.text !== text) page.world.fail('altered', `${where}: ${messageId} reads "${text}", said was "${said.text}"`);
      // What is not stored yet stands behind, and has no number.
      if (seq > 0 && seq <= last) page.world.fail('order', `${where}: seq ${seq} is shown after ${last}`);
      last = Math.max(last, seq);
    }
  });
}

/** A conversation never goes back in version while it is known. */
export function watchConversation(page: Page, id: string): () => void {
  const conversation = page.chat.conversation(id);
  let last = 0;
  return conversation.subscribe(() => {
    const version = conversation.get()?.version;
    if (version === undefined) return;
    if (version < last) page.world.fail('stale', `${page.tab.name}: conversation ${id} went back from version ${last} to ${version}`);
    last = version;
  });
}
