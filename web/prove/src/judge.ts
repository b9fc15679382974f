import { createLiveChat, createMemoryStorage } from '@parlor/client';
import { Breach, breach, type BreachKind, type Finding } from './breach.js';
import { difference } from './difference.js';
import type { Said } from './journal.js';
import { Network } from './net/network.js';
import type { Observer, StoredMessage } from './observer.js';
import type { Page, Unsent } from './page.js';
import { screenOf, showEverything } from './screen.js';
import { broken } from './invariants.js';
import { againstTruth, type Truth } from './truth.js';
import type { World } from './world.js';

const TOKEN_TTL_S = 3_600;

/** What a person can be refused for ever. Everything else must have been stored. */
const REFUSALS = {
  visitor: ['not-found'],
  agent: ['not-found', 'conversation-closed', 'conversation-archived', 'held-by-another'],
};

/** Holds the server and every screen against what people did. */
export async function judge(world: World, observer: Observer, pages: readonly Page[]): Promise<void> {
  const truth = await read(observer);
  const isRight = (found: readonly Finding[]) => {
    if (found.length > 0) throw new Breach(found);
  };
  isRight([...broken(truth), ...messages(world, truth, pages)]);
  for (const page of pages) {
    const fresh = await screenOfFresh(world, page);
    await showEverything(world, page.chat, page.tab);
    isRight([...await againstTruth(page, truth, observer), ...drafts(page)]);
    const shown = screenOf(page.chat, page.tab);
    const differs = difference(fresh, shown);
    if (differs !== undefined) throw breach('stale', `${page.tab.name} shows something else than a page loaded now, at ${differs}`);
    world.coverage.count('screens compared');
  }
  world.check();
}

/** A draft stays until it is sent, over reloads and in every tab of the same browser; of two tabs' the later one counts. */
function drafts({ chat, tab, world }: Page): Finding[] {
  return [...tab.person.drafts.shownIn(tab.name)].flatMap(([id, text]): Finding[] => {
    const draft = chat.draft(id).get();
    if (world.journal.erased.has(id) || draft === text) return [];
    return [{ kind: draft === '' ? 'lost' : 'stale', what: `${tab.name}: the draft in ${id} is "${draft}" and should be "${text}"` }];
  });
}

async function read(observer: Observer): Promise<Truth> {
  const { rows, total } = await observer.conversations();
  if (rows.length !== total) throw breach('broken', `the server counts ${total} conversations and lists ${rows.length}`);
  const truth: Truth = { conversations: new Map(), messages: new Map(), threads: new Map() };
  for (const row of rows) {
    truth.conversations.set(row.id, row);
    const thread = await observer.messages(row.id);
    truth.threads.set(row.id, thread);
    for (const message of thread) {
      if (truth.messages.has(message.id)) throw breach('doubled', `message ${message.id} is stored twice`);
      truth.messages.set(message.id, message);
    }
  }
  return truth;
}

/** Every message said is stored once, where it may be, in order; nothing is stored that nobody said. */
function messages({ journal }: World, truth: Truth, pages: readonly Page[]): Finding[] {
  const found: Finding[] = [];
  const add = (kind: BreachKind, what: string) => void found.push({ kind, what });
  const refused = new Map(pages.flatMap((page) => page.unsent()).map((unsent) => [unsent.id, unsent]));
  const before = new Map<string, { said: Said; seq: number }[]>();
  for (const said of journal.said) {
    const stored = truth.messages.get(said.id);
    const name = `"${said.text}" of ${said.tab} (${said.id})`;
    const refusal = refused.get(said.id);
    if (!stored) {
      if (refusal) found.push(...unfair(said, refusal, name));
      else if (!said.isDiscarded && !said.mayBeLost && !isErased(said)) add('lost', `${name} is lost`);
      continue;
    }
    if (refusal?.isShown) add('stale', `${name} is shown as ${refusal.state} ${refusal.code ?? ''} and stored`);
    if (stored.text !== said.text) add('altered', `${name} is stored as "${stored.text}"`);
    if (stored.author.id !== said.by.split(' ')[1]) add('altered', `${name} is stored as by ${stored.author.id}`);
    if (!isAllowed(said, stored, truth)) add('altered', `${name} was said into ${said.into} and is stored in ${stored.conversationId}`);
    const place = `${said.tab} ${said.into} ${stored.conversationId}`;
    const earlier = before.get(place) ?? [];
    const overtaken = earlier.find((other) => other.seq > stored.seq && !(said.mayOvertake && other.said.page < said.page));
    if (overtaken) add('order', `${name} is stored before "${overtaken.said.text}", which the same tab said earlier`);
    before.set(place, [...earlier, { said, seq: stored.seq }]);
  }
  for (const message of truth.messages.values()) {
    const isOurs = message.author.kind === 'user' || message.author.kind === 'agent';
    if (isOurs && message.type !== 'system' && !journal.find(message.id)) add('ghost', `"${message.text}" (${message.id}) is stored, and nobody said it`);
  }
  return found;

  /** Or may be: a user's message may have gone to another of theirs before that was erased. */
  function isErased({ into, by }: Said): boolean {
    return journal.erased.has(into) || [...journal.erased.values()].some((userId) => by === `visitor ${userId}`);
  }
}

function unfair(said: Said, { state, code, errors }: Unsent, name: string): Finding[] {
  const role = said.by.startsWith('visitor') ? 'visitor' : 'agent';
  // Behind a refused one it waits for the user.
  const isFair = state !== 'failed' || REFUSALS[role].includes(code ?? '') || (code === 'validation' && said.funnelId === 'nowhere');
  return isFair ? [] : [{ kind: 'lost', what: `${name} was refused with ${code}: ${JSON.stringify(errors)}` }];
}

/** In the conversation it was said into, or in another of the same user and funnel: where that was closed, or begun twice. */
function isAllowed(said: Said, stored: StoredMessage, { conversations }: Truth): boolean {
  if (stored.conversationId === said.into) return true;
  const at = conversations.get(stored.conversationId);
  const funnelId = conversations.get(said.into)?.funnelId ?? said.funnelId ?? at?.funnelId;
  return at !== undefined && `visitor ${at.userId}` === said.by && at.funnelId === funnelId;
}

/** What somebody sees who opens the same page anew, with nothing but the server to know it from. */
async function screenOfFresh(world: World, page: Page): Promise<unknown> {
  const network = new Network(world, 'fresh');
  network.isWithoutSockets = true;
  const { role, sub } = page.tab.person;
  const chat = createLiveChat({
    url: 'http://parlor',
    token: () => world.token(role, sub, TOKEN_TTL_S),
    storage: createMemoryStorage({ isPrivate: true }),
    onHide: () => () => {},
    pageSize: page.tab.pageSize,
    refreshInterval: 0,
    clock: { now: world.now, after: world.after },
    fetch: network.fetch,
    WebSocket: network.WebSocket,
    schedule: queueMicrotask,
    random: world.chance.next,
    onWake: () => () => {},
  });
  chat.start();
  for (const filters of page.tab.filters) chat.list(filters).subscribe(() => {});
  for (const id of page.tab.threads) chat.open(id);
  await world.quiet();
  await showEverything(world, chat, page.tab);
  const unloaded = page.tab.filters.find((filters) => !chat.list(filters).get().isLoaded);
  if (unloaded) throw breach('stuck', `a fresh ${page.tab.name} cannot load ${JSON.stringify(unloaded)}: ${chat.list(unloaded).get().error?.message}`);
  const screen = screenOf(chat, page.tab);
  chat.stop();
  network.end();
  return screen;
}
