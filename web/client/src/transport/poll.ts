import { POLL_PAUSE_MS, POLL_WAIT_S } from '../limits.js';
import { conversationTopic, type ClientOp, type StreamEvent, type Topic } from '../protocol/events.js';
import { asLiveChatError, type LiveChatError } from '../protocol/problem.js';
import type { Clock } from './clock.js';
import type { Rest } from './rest.js';
import type { Answer, Socket } from './socket.js';

export interface PollOptions {
  rest: Rest;
  clock: Clock;
  /** The server answers: it may be used from now on. */
  onOpen(): void;
  onEvent(event: StreamEvent | { event: 'reset'; topic: Topic }): void;
  /** Once, and nothing after it. */
  onClose(error: LiveChatError): void;
}

/**
 * The stream without a socket: one request is held for the inbox, which tells of every conversation that changed; an open
 * thread is then asked for by itself. So a browser's few connections to a host are never used up. To topics it is a socket.
 */
export function openPoll({ rest, clock, onOpen, onEvent, onClose }: PollOptions): Socket {
  /** Where each conversation followed stands. */
  const threads = new Map<Topic, string | undefined>();
  /** Where the held request stands. */
  let inbox: string | undefined;
  /** Somebody wants the inbox itself, and waits to hear that it has caught up. */
  let isInboxWanted = false;
  let caughtUp: Answer | undefined;
  /** The next answer is not waited for: there may be something already. */
  let isHasty = true;
  let isOver = false;
  let interrupt = new AbortController();
  /** Threads are asked for one after the other. */
  let turn: Promise<void> = Promise.resolve();

  function end(error: unknown): void {
    if (isOver) return;
    isOver = true;
    interrupt.abort();
    onClose(asLiveChatError(error));
  }

  async function hold(): Promise<void> {
    inbox = (await rest.listChanges('inbox', undefined, 0, interrupt.signal)).cursor;
    if (isOver) return;
    onOpen();
    for (;;) {
      await ask().catch((error: unknown) => {
        // An end that was wanted: to ask again from elsewhere, or at once.
        if (!interrupt.signal.aborted) throw error;
      });
      if (isOver) return;
    }
  }

  async function ask(): Promise<void> {
    interrupt = new AbortController();
    const { signal } = interrupt;
    const wait = isHasty ? 0 : POLL_WAIT_S;
    isHasty = false;
    const askedAt = clock.now();
    const { groups, cursor, reset } = await rest.listChanges('inbox', inbox, wait, signal).catch(async (error: unknown) => {
      if (asLiveChatError(error).code !== 'invalid-cursor') throw error;
      // As good as a reset, which the server would say where it knows the place.
      return { ...await rest.listChanges('inbox', undefined, 0, signal), reset: true };
    });
    if (signal.aborted) return;
    const events = groups.flat();
    const waiting = caughtUp;
    inbox = cursor;
    // What an answer left out for its size comes with the next.
    isHasty = wait === 0 && events.length > 0;
    if (!isHasty) caughtUp = undefined;
    if (isInboxWanted) {
      if (reset) onEvent({ event: 'reset', topic: 'inbox' });
      events.forEach(onEvent);
      if (!caughtUp) waiting?.({ event: 'ok', ref: 0, cursor: reset ? undefined : cursor });
    }
    // Of one that is gone the inbox has told all there is, to whoever wants it.
    const changed = new Set(events.map((event) => conversationTopic(
      event.event === 'conversation' ? event.conversation.id : event.event === 'deleted' && !isInboxWanted ? event.conversationId : '')));
    for (const topic of threads.keys()) if (reset || changed.has(topic)) refresh(topic);
    const isHeld = wait === 0 || reset || events.length > 0 || clock.now() - askedAt >= POLL_PAUSE_MS;
    if (!isHeld && !signal.aborted) await pause(signal);
  }

  /** Ends early with what it is a pause of. */
  function pause(signal: AbortSignal): Promise<void> {
    return new Promise((resolve) => {
      const cancel = clock.after(POLL_PAUSE_MS, resolve);
      signal.addEventListener('abort', () => {
        cancel();
        resolve();
      });
    });
  }

  /** Brings a thread up to date; `answer` is who asked to follow it. */
  function refresh(topic: Topic, answer?: Answer): void {
    turn = turn.then(async () => {
      try {
        let isMore = !isOver && threads.has(topic);
        while (isMore) {
          const { groups, cursor, reset } = await rest.listChanges(topic, threads.get(topic), 0);
          if (isOver || !threads.has(topic)) return;
          threads.set(topic, cursor);
          if (reset) onEvent({ event: 'reset', topic });
          groups.flat().forEach(onEvent);
          isMore = groups.length > 0;
          if (!isMore) answer?.({ event: 'ok', ref: 0, cursor: reset ? undefined : cursor });
        }
      } catch (failure) {
        const error = asLiveChatError(failure);
        if (answer && !error.isTemporary) return answer(undefined, error);
        if (error.isTemporary) end(error);
        // It cannot be had from here: a new snapshot tells why. Of one that a restored server never had nobody else would.
        else onEvent({ event: 'reset', topic });
      }
    });
  }

  function leave(topic: Topic): void {
    threads.delete(topic);
    if (topic === 'inbox') isInboxWanted = false;
  }

  function again(): void {
    isHasty = true;
    interrupt.abort();
  }

  hold().catch(end);

  return {
    request(op: ClientOp, answer: Answer) {
      if (op.op === 'unsubscribe') {
        leave(op.topic);
        return answer({ event: 'ok', ref: 0 });
      }
      if (op.op !== 'subscribe') return;
      if (op.topic !== 'inbox') {
        threads.set(op.topic, op.since);
        return refresh(op.topic, answer);
      }
      inbox = op.since;
      // That may be further on than the held request was: what lies between nobody tells the threads of.
      for (const topic of threads.keys()) refresh(topic);
      isInboxWanted = true;
      caughtUp = answer;
      again();
    },
    /** What needs no answer has no way without a socket. */
    cast() {},
    checkAlive: again,
    close() {
      isOver = true;
      interrupt.abort();
    },
  };
}
