import type { NewConversation, OutgoingMessage, StartedConversation } from '../api.js';
import { FRAME_BYTES } from '../limits.js';
import type { Outbox, OutboxEntry } from '../outbox/outbox.js';
import { createSender } from '../outbox/sender.js';
import { decodeConversation } from '../protocol/decode.js';
import type { LiveChatConversation, LiveChatMessage, MessageState } from '../protocol/model.js';
import { asLiveChatError, LiveChatError } from '../protocol/problem.js';
import type { Author, MessageType, PostMessage, PostMessageAnswer, StartConversation } from '../protocol/schema.js';
import { uuid7 } from '../protocol/uuid.js';
import { withTail } from '../sync/thread.js';
import type { Clock } from '../transport/clock.js';
import type { Rest } from '../transport/rest.js';
import type { Socket } from '../transport/socket.js';
import { createRetry } from '../transport/retry.js';
import type { State } from './state.js';

export interface SendingOptions {
  state: State;
  rest: Rest;
  outbox: Outbox;
  clock: Clock;
  random: () => number;
  /** The ready socket, if there is one. */
  socket(): Socket | undefined;
  /** What a message of this client is when nothing says otherwise. */
  ownType(): MessageType;
  /** A conversation started here is on the server now. */
  born(conversationId: string): void;
  counted(count: number): void;
}

interface Birth {
  readonly accepted: Promise<LiveChatConversation>;
  resolve(conversation: LiveChatConversation): void;
  reject(error: LiveChatError): void;
}

/** Own messages: shown at once, kept in the outbox, brought to the server over whatever is up. */
export function createSending({ state, rest, outbox, clock, random, socket, ownType, born, counted }: SendingOptions) {
  const births = new Map<string, Birth>();
  const sender = createSender({
    outbox, deliver, report, counted,
    retrying: (run) => createRetry(clock, random, run),
  });

  /** Shows an entry as the message it will be, in the thread where it will be. */
  function report(entry: OutboxEntry, at: 'queued' | 'sending' | 'failed', error?: LiveChatError): void {
    if (entry.request.kind === 'start') {
      const birth = expectBirth(entry.conversationId);
      if (error) birth.reject(error);
    }
    const known = state.messages.get(entry.id);
    if (known && known.seq > 0) return;
    const message = { ...(known ?? draw(entry)), state: at, error };
    state.messages.set(entry.id, message);
    const thread = state.threads.get(message.conversationId);
    if (thread.tail.includes(entry.id)) return;
    state.setThread(message.conversationId, withTail(thread, [...thread.tail, entry.id]));
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

  async function deliver(entry: OutboxEntry): Promise<void> {
    if (entry.request.kind === 'start') return deliverStart(entry.conversationId, entry.request.body);
    const answer = await post(entry.request.body);
    if (answer.message.conversationId !== entry.conversationId) {
      redirect(entry.conversationId, answer.message.conversationId);
    }
    state.applyAnswer(answer.conversation, answer.message);
  }

  function post(message: PostMessage): Promise<PostMessageAnswer> {
    const live = socket();
    const op = { op: 'send', message } as const;
    if (!live || new TextEncoder().encode(JSON.stringify(op)).length > FRAME_BYTES) return rest.sendMessage(message);
    return new Promise((resolve, reject) => {
      live.request(op, (ok, error) => {
        if (ok?.message && ok.conversation) resolve({ message: ok.message, conversation: ok.conversation });
        else reject(error ?? asLiveChatError(ok));
      });
    });
  }

  async function deliverStart(id: string, body: StartConversation): Promise<void> {
    const { conversation, message } = await rest.startConversation(body);
    const birth = births.get(id);
    births.delete(id);
    if (conversation.id === id) born(id);
    else {
      sender.move(id, conversation.id);
      redirect(id, conversation.id);
    }
    state.applyAnswer(conversation, message);
    birth?.resolve(state.conversations.get(conversation.id) ?? decodeConversation(conversation));
  }

  /** What was written into `from` is in `to`: what waits behind it will be too. */
  function redirect(from: string, to: string): void {
    state.continuations.set(from, to);
    const { tail } = state.threads.get(from);
    for (const id of tail) {
      const message = state.messages.get(id);
      if (message) state.messages.set(id, { ...message, conversationId: to });
    }
    state.setThread(from, withTail(state.threads.get(from), []));
    const there = state.threads.get(to);
    state.setThread(to, withTail(there, [...there.tail, ...tail]));
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

  state.onStored((message) => sender.confirm(message.id));
  state.onConversation((id, _, after) => {
    if (!after) sender.discardAll(id);
  });

  return {
    send(conversationId: string, { text, type = ownType(), ...rest }: OutgoingMessage): LiveChatMessage {
      const id = uuid7(clock.now(), random);
      const body = { ...rest, id, conversationId, text, type };
      const entry: OutboxEntry = { id, conversationId, queuedAt: clock.now(), text, request: { kind: 'message', body } };
      state.drafts.set(conversationId, undefined);
      sender.add(entry);
      return state.messages.get(id) ?? draw(entry);
    },

    start({ funnelId, text, optionId, user }: NewConversation): StartedConversation {
      const id = uuid7(clock.now(), random);
      const messageId = uuid7(clock.now(), random);
      const said = optionId === undefined ? { text } : { optionId };
      const body = { id, messageId, funnelId, user, ...said };
      sender.add({ id: messageId, conversationId: id, queuedAt: clock.now(), text, request: { kind: 'start', body } });
      return { id, messageId, accepted: expectBirth(id).accepted };
    },

    retry: sender.retry,

    discard(id: string): void {
      const message = state.messages.get(id);
      if (!message || message.seq > 0 || !sender.has(id)) return;
      sender.discard(id);
      const { conversationId } = message;
      const thread = state.threads.get(conversationId);
      state.setThread(conversationId, withTail(thread, thread.tail.filter((other) => other !== id)));
      births.get(conversationId)?.reject(
        new LiveChatError({ code: 'discarded', status: 0, title: 'The first message was taken back.' }));
    },

    isUnborn: (conversationId: string) => births.has(conversationId),
    async startSending(): Promise<void> {
      try {
        await sender.start();
      } catch (cause) {
        const title = 'Messages of an earlier visit could not be read.';
        state.lastError.set('', new LiveChatError({ code: 'outbox-unreadable', status: 0, title }, undefined, cause));
      }
    },
    stop: sender.stop,
    wake: sender.wake,
    clear(): Promise<void> {
      births.clear();
      return sender.clear();
    },
  };
}
