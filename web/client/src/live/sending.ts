import type { NewConversation, OutgoingMessage, StartedConversation } from '../api.js';
import { FRAME_BYTES } from '../limits.js';
import type { ChatLocks } from '../outbox/locks.js';
import type { OutboxEntry, Stored } from '../outbox/outbox.js';
import { createSender } from '../outbox/sender.js';
import type { Shelf } from '../outbox/shelf.js';
import { decodeConversation } from '../protocol/decode.js';
import type { LiveChatConversation, LiveChatMessage, MessageState } from '../protocol/model.js';
import { asLiveChatError, trouble, type LiveChatError } from '../protocol/problem.js';
import type { Author, MessageType, PostMessage, StartConversation } from '../protocol/schema.js';
import { createIds } from '../protocol/uuid.js';
import { withTail } from '../sync/thread.js';
import type { Clock } from '../transport/clock.js';
import { unexpected, type Rest } from '../transport/rest.js';
import type { Socket } from '../transport/socket.js';
import { createRetry } from '../transport/retry.js';
import type { Drafts } from './drafts.js';
import type { State } from './state.js';

export interface SendingOptions {
  state: State;
  drafts: Drafts;
  rest: Rest;
  shelf: Shelf;
  locks: ChatLocks;
  clock: Clock;
  random: () => number;
  /** The ready socket, if there is one. */
  socket(): Socket | undefined;
  /** Makes sure that HTTP still speaks for who this is. */
  identify(): Promise<void>;
  /** What a message of this client is when nothing says otherwise. */
  ownType(): MessageType;
  /** A conversation turns out to be on the server. */
  born(conversationId: string): void;
  counted(count: number, unsaved: number): void;
}

interface Birth {
  readonly accepted: Promise<LiveChatConversation>;
  resolve(conversation: LiveChatConversation): void;
  reject(error: LiveChatError): void;
}

/** Plain data, as it will be sent: a storage and a channel take nothing else. Throws before anything is begun. */
const plain = <T>(value: T): T => JSON.parse(JSON.stringify(value)) as T;

/** Own messages: shown at once, kept in the outbox, brought to the server over whatever is up. */
export function createSending(options: SendingOptions) {
  const { state, drafts, rest, shelf, locks, clock, random, socket, identify, ownType, born, counted } = options;
  const births = new Map<string, Birth>();
  const ids = createIds(clock.now, random);
  const sender = createSender({
    shelf, locks, clock, deliver, accept, went, moved, report, gone, counted,
    saw: ids.saw,
    failed: state.fail,
    retrying: (run) => createRetry(clock, random, run),
  });

  /** Shows an entry as the message it will be, in the thread where it will be. */
  function report(entry: OutboxEntry, at: 'queued' | 'sending' | 'failed', error?: LiveChatError): void {
    if (entry.request.kind === 'start') {
      const birth = expectBirth(entry.conversationId);
      if (at === 'failed' && error) birth.reject(error);
    }
    const known = state.messages.get(entry.id);
    if (known && known.seq > 0) return;
    const message = { ...(known ?? draw(entry)), state: at, error };
    state.messages.set(entry.id, message);
    const thread = state.threads.get(message.conversationId);
    if (thread.tail.includes(entry.id)) return;
    // In the order they go out, whichever tab they are from.
    state.setThread(message.conversationId, withTail(thread, [...thread.tail, entry.id].toSorted()));
  }

  function draw(entry: OutboxEntry): LiveChatMessage {
    const { request } = entry;
    const body: Partial<PostMessage> = request.kind === 'message' ? request.body : { type: 'user' };
    const type = body.type ?? 'user';
    const queued: MessageState = 'queued';
    return {
      id: entry.id, conversationId: entry.conversationId, type, text: entry.text, metadata: body.metadata,
      options: body.options, timestamp: new Date(entry.queuedAt), isRead: false, seq: 0, version: 0,
      author: author(type), state: queued,
    };
  }

  function author(type: MessageType): Author {
    const me = state.me.get('');
    if (type !== 'bot') return { kind: type, id: type === 'user' ? me?.sub : undefined, name: me?.name };
    return { kind: me?.role === 'service' ? 'bot' : 'agent', id: me?.sub, name: me?.name };
  }

  async function deliver({ request, isTypeGuessed }: OutboxEntry): Promise<Stored> {
    const own = isTypeGuessed ? { type: ownType() } : {};
    const answer: Stored = request.kind === 'message' ? await post({ ...request.body, ...own }) : await start(request.body);
    if (!answer?.conversation || (request.kind === 'message' && !answer.message)) throw unexpected(0);
    return answer;
  }

  async function start(body: StartConversation): Promise<Stored> {
    await identify();
    return rest.startConversation(body);
  }

  async function post(message: PostMessage): Promise<Stored> {
    const live = socket();
    const op = { op: 'send', message } as const;
    if (!live || new TextEncoder().encode(JSON.stringify(op)).length > FRAME_BYTES) {
      await identify();
      return rest.sendMessage(message);
    }
    return new Promise((resolve, reject) => {
      live.request(op, (ok, error) => {
        const { message: stored, conversation } = ok ?? {};
        if (!stored) reject(error ?? asLiveChatError(ok));
        else if (conversation) resolve({ message: stored, conversation });
        // Where both are at their largest the server leaves it out: they do not fit into a frame.
        else rest.getConversation(stored.conversationId).then((row) => resolve({ message: stored, conversation: row.conversation }), reject);
      });
    });
  }

  function accept(entry: OutboxEntry, { conversation, message }: Stored, isHeard = false): void {
    const { id, conversationId: from, request } = entry;
    const to = message?.conversationId ?? conversation.id;
    moveTo(to, from, id);
    if (state.isDeleted(to)) return gone(entry);
    // One that another tab was told of, and this one's lists do not know, may have left them since.
    state.applyAnswer(isHeard && !state.stored(conversation.id) ? undefined : conversation, message);
    if (request.kind === 'start') came(from, state.conversations.get(to) ?? decodeConversation(conversation));
    born(to);
  }

  /** A conversation begun here, in any tab, is on the server. */
  function came(id: string, conversation: LiveChatConversation): void {
    const birth = births.get(id);
    if (!birth) return;
    births.delete(id);
    if (conversation.id === id) born(id);
    birth.resolve(conversation);
  }

  /** The stream, or another tab, is faster than the answer, which may never come: this is where an entry went. */
  function went(entry: OutboxEntry, to: string, seq: number): void {
    const { id, conversationId: from } = entry;
    moveTo(to, from, id);
    if (state.isDeleted(to)) return gone(entry);
    const message = state.messages.get(id);
    if (message?.seq === 0) {
      // The page that another tab saw it on may never be loaded here.
      state.messages.set(id, { ...message, seq, state: 'sent' });
      state.setThread(to, state.threads.get(to));
    }
    const row = state.conversations.get(to);
    if (row) came(from, row);
    born(to);
  }

  function moved({ id, conversationId: to }: OutboxEntry, from: string): void {
    moveTo(to, from, id);
  }

  /** From where it was sent, and from where it is shown: another tab may have known sooner where it goes. */
  function moveTo(to: string, from: string, id: string): void {
    void drafts.settled(from);
    const shown = state.messages.get(id)?.conversationId ?? from;
    for (const place of new Set([from, shown])) if (place !== to) redirect(place, to, id);
  }

  /** `moved`, written into `from`, is in `to`: what waits behind it will be too. */
  function redirect(from: string, to: string, moved: string): void {
    state.continuations.set(from, to);
    // Not what is stored in `from`: a thread that is not loaded has its own messages all in its tail, some without their `seq`.
    const stays = (id: string) => {
      const message = state.messages.get(id);
      return message && (message.seq > 0 ? message.conversationId !== to : id !== moved && !sender.has(id));
    };
    const thread = state.threads.get(from);
    const going = thread.tail.filter((id) => !stays(id));
    for (const id of going) {
      const message = state.messages.get(id);
      if (message && message.seq === 0) state.messages.set(id, { ...message, conversationId: to });
    }
    state.setThread(from, withTail(thread, thread.tail.filter(stays)));
    const there = state.threads.get(to);
    state.setThread(to, withTail(there, [...there.tail, ...going]));
  }

  function expectBirth(id: string): Birth {
    const known = births.get(id);
    if (known) return known;
    const birth = {} as { -readonly [K in keyof Birth]: Birth[K] };
    birth.accepted = new Promise((resolve, reject) => Object.assign(birth, { resolve, reject }));
    // Whoever does not ask must not be told by an unhandled rejection; the message shows its failure.
    birth.accepted.catch(() => {});
    births.set(id, birth);
    return birth;
  }

  /** Takes a message that will not be sent from here off the screen. */
  function gone({ id, conversationId: from, request }: OutboxEntry): void {
    const message = state.messages.get(id);
    if (message && message.seq === 0) {
      const thread = state.threads.get(message.conversationId);
      state.setThread(message.conversationId, withTail(thread, thread.tail.filter((other) => other !== id)));
    }
    if (request.kind !== 'start') return;
    // Begun by another tab, and heard of before the entry that began it.
    const row = state.conversations.get(from);
    if (row) came(from, row);
    else births.get(from)?.reject(trouble('discarded', 'The first message was taken back.'));
  }

  state.onStored(({ id, conversationId, seq }) => sender.confirm(id, conversationId, seq));
  state.onConversation((id, _, after) => {
    if (after) {
      for (const from of births.keys()) if (from === id || state.continuations.get(from) === id) came(from, after);
      return;
    }
    sender.discardAll(id);
  });

  return {
    send(conversationId: string, { text, type, ...rest }: OutgoingMessage): LiveChatMessage {
      const id = ids.next();
      const body = plain({ ...rest, id, conversationId, text, type: type ?? ownType() });
      const isTypeGuessed = type === undefined && !state.me.get('');
      const entry: OutboxEntry = { id, conversationId, queuedAt: clock.now(), text, isTypeGuessed, request: { kind: 'message', body } };
      sender.add(entry, drafts.taken(conversationId));
      return state.messages.get(id) ?? draw(entry);
    },

    start({ funnelId, text, optionId, user }: NewConversation): StartedConversation {
      const id = ids.next();
      const messageId = ids.next();
      const said = optionId === undefined ? { text } : { optionId };
      const body = plain({ id, messageId, funnelId, user, ...said });
      sender.add({ id: messageId, conversationId: id, queuedAt: clock.now(), text, request: { kind: 'start', body } }, []);
      return { id, messageId, accepted: expectBirth(id).accepted };
    },

    retry: sender.retry,

    discard(id: string): void {
      if ((state.messages.get(id)?.seq ?? 0) === 0) sender.discard(id);
    },

    isUnborn: (conversationId: string) => births.has(conversationId),
    owned: sender.owned,
    begin: sender.start,
    stop: sender.stop,
    wake: sender.wake,
    forget(): void {
      births.clear();
      sender.forget();
    },
  };
}
