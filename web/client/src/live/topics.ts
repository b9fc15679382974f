import type { Topic, StreamEvent } from '../protocol/events.js';
import { asLiveChatError, type LiveChatError } from '../protocol/problem.js';
import { gather } from '../sync/cursor.js';
import type { Clock } from '../transport/clock.js';
import type { Socket } from '../transport/socket.js';
import { createRetry, type Retry } from '../transport/retry.js';

/** Who loads and applies what a topic is about. */
export interface TopicOwner {
  /** Loads the snapshot and answers with its cursor. Called again after a `reset`. */
  load(): Promise<string>;
  apply(events: readonly StreamEvent[]): void;
  /** Subscribed, and everything missed is applied. */
  caughtUp(): void;
  /** The server will not let this client have it; nothing more happens until it is wanted again. */
  refused(error: LiveChatError): void;
}

interface Subscription {
  readonly topic: Topic;
  readonly owner: TopicOwner;
  readonly retry: Retry;
  isWanted: boolean;
  /** Everything up to here is applied. Without one a snapshot comes first. */
  cursor?: string;
  open: StreamEvent[];
  phase: 'idle' | 'loading' | 'subscribing' | 'live' | 'refused';
}

export type Topics = ReturnType<typeof createTopics>;

/**
 * Keeps topics current: snapshot, subscribe from its cursor, apply group by group, and after any break subscribe
 * again from the last cursor. `onSettled` is called whenever one topic less is to catch up.
 */
export function createTopics(clock: Clock, random: () => number, onSettled: () => void) {
  const all = new Map<Topic, Subscription>();
  let socket: Socket | undefined;
  /** What the server may be telling on this connection. */
  const followed = new Set<Topic>();
  /** Subscriptions of before that it has not said to have ended: what comes meanwhile may lie behind a gap. */
  const ending = new Map<Topic, number>();

  function advance(sub: Subscription): void {
    if (!sub.isWanted || sub.phase !== 'idle') return;
    if (sub.cursor === undefined) load(sub);
    else if (socket) subscribe(sub, socket, sub.cursor);
  }

  function load(sub: Subscription): void {
    sub.phase = 'loading';
    leave(sub);
    const settle = (after: () => void) => {
      if (all.get(sub.topic) !== sub || sub.phase !== 'loading') return;
      sub.phase = 'idle';
      after();
    };
    sub.owner.load().then(
      (cursor) => settle(() => {
        sub.cursor = cursor;
        sub.retry.stop();
        advance(sub);
      }),
      (error: unknown) => settle(() => fail(sub, asLiveChatError(error))),
    );
  }

  function subscribe(sub: Subscription, on: Socket, since: string): void {
    sub.phase = 'subscribing';
    leave(sub);
    followed.add(sub.topic);
    on.request({ op: 'subscribe', topic: sub.topic, since }, (ok, error) => {
      if (all.get(sub.topic) !== sub || sub.phase !== 'subscribing' || socket !== on) return;
      if (ok) {
        sub.phase = 'live';
        sub.cursor = ok.cursor ?? sub.cursor;
        sub.retry.stop();
        sub.owner.caughtUp();
        onSettled();
      } else {
        sub.phase = 'idle';
        if (error?.code === 'invalid-cursor') restart(sub);
        else if (error) fail(sub, error);
      }
    });
  }

  /**
   * Ends what the server tells of a topic by an earlier subscription. What of it is still on its way is passed over: were it
   * taken for what follows the next one's place, the cursor would move across everything between.
   */
  function leave(sub: Subscription): void {
    // Half a group is worth nothing: it comes again, whole, from the cursor.
    sub.open = [];
    const on = socket;
    if (!on || !followed.delete(sub.topic)) return;
    const count = (by: number) => void ending.set(sub.topic, (ending.get(sub.topic) ?? 0) + by);
    count(1);
    on.request({ op: 'unsubscribe', topic: sub.topic }, () => {
      if (on === socket) count(-1);
    });
  }

  function fail(sub: Subscription, error: LiveChatError): void {
    if (!sub.isWanted) return;
    if (error.isTemporary) return sub.retry.later(error.retryAfterMs);
    sub.phase = 'refused';
    sub.owner.refused(error);
    onSettled();
  }

  /** From a new snapshot. */
  function restart(sub: Subscription): void {
    sub.cursor = undefined;
    sub.phase = 'idle';
    sub.retry.stop();
    advance(sub);
  }

  function subscriptionOf(topic: Topic, owner: TopicOwner): Subscription {
    const known = all.get(topic);
    if (known) return known;
    const made: Subscription = {
      topic, owner, retry: createRetry(clock, random, () => advance(made)), isWanted: false, open: [], phase: 'idle',
    };
    all.set(topic, made);
    return made;
  }

  return {
    /** Loads the snapshot, so that wanting the topic later can start from it. */
    prepare(topic: Topic, owner: TopicOwner): void {
      const sub = subscriptionOf(topic, owner);
      if (sub.phase === 'idle' && sub.cursor === undefined) load(sub);
    },

    want(topic: Topic, owner: TopicOwner): void {
      const sub = subscriptionOf(topic, owner);
      sub.isWanted = true;
      if (sub.phase === 'refused') sub.phase = 'idle';
      advance(sub);
    },

    /** Stops following, but keeps the place: wanting it again continues from there. */
    release(topic: Topic): void {
      const sub = all.get(topic);
      if (!sub) return;
      sub.isWanted = false;
      sub.retry.stop();
      leave(sub);
      if (sub.phase === 'live' || sub.phase === 'subscribing') sub.phase = 'idle';
      // It may have been all that was waited for.
      onSettled();
    },

    forget(topic: Topic): void {
      this.release(topic);
      all.delete(topic);
    },

    /** What is shown cannot be trusted any more, or the server said `reset`: snapshot again. */
    restart(topic: Topic): void {
      const sub = all.get(topic);
      if (sub && sub.phase !== 'loading') restart(sub);
    },

    hasCursor: (topic: Topic): boolean => all.get(topic)?.cursor !== undefined,

    /** Whether what is shown of a topic is current. */
    isLive: (topic: Topic): boolean => all.get(topic)?.phase === 'live',

    isSettled(): boolean {
      return [...all.values()].every((sub) => !sub.isWanted || sub.phase === 'live' || sub.phase === 'refused');
    },

    connected(to: Socket): void {
      socket = to;
      for (const sub of all.values()) advance(sub);
    },

    disconnected(): void {
      socket = undefined;
      followed.clear();
      ending.clear();
      for (const sub of all.values()) {
        sub.open = [];
        if (sub.phase === 'subscribing' || sub.phase === 'live') sub.phase = 'idle';
      }
    },

    stop(): void {
      for (const sub of all.values()) sub.retry.stop();
    },

    /** Forgets every place: whoever wants a topic again begins with a snapshot. */
    clear(): void {
      this.stop();
      all.clear();
    },

    /** Asks whether anything was missed. A connection that is dead, and does not know, is found out by that. */
    probe(): void {
      for (const sub of all.values()) {
        if (sub.phase !== 'live') continue;
        sub.phase = 'idle';
        advance(sub);
      }
    },

    /** Whatever waits for a better moment: this may be it. */
    wake(): void {
      for (const sub of all.values()) sub.retry.now();
    },

    receive(event: StreamEvent): void {
      const sub = all.get(event.topic);
      // Without a cursor a snapshot is on its way, and the subscription from it brings this again.
      if (!sub?.isWanted || sub.cursor === undefined || ending.get(event.topic)) return;
      const group = gather(sub.open, event);
      if (group === 'open') return;
      if (group === 'overflow') return restart(sub);
      sub.owner.apply(group.events);
      // Whoever found a hole in it has asked for a snapshot, which has a place of its own.
      if (sub.cursor !== undefined) sub.cursor = group.cursor;
    },

    /** A head that is not where we are: something was missed. */
    compare(heads: Partial<Record<Topic, string>>): void {
      for (const sub of all.values()) {
        const head = heads[sub.topic];
        if (sub.phase !== 'live' || head === undefined || head === sub.cursor) continue;
        sub.phase = 'idle';
        advance(sub);
      }
    },
  };
}
