import { conversationTopic, type ChangeList, type ClientOp, type Ref, type ServerEvent, type StreamEvent, type Topic } from '../protocol/events.js';
import type * as wire from '../protocol/schema.js';
import type { Clock } from '../transport/clock.js';
import type { SocketFactory } from '../transport/socket.js';
import { meOf, type Answer } from './routes.js';
import { conversationView, messageView, noteView, Refusal, type Commit, type Principal, type Workspace } from './workspace.js';

/** Further behind than this, a subscriber gets `reset`. */
const REPLAY_CHANGES = 500;
export const HEARTBEAT_SECONDS = 25;
const FRAME_BYTES = 64 * 1024;

export interface SocketHost {
  clock: Clock;
  workspace: Workspace;
  /** Who a token, or without one the cookie, stands for. */
  identify(token?: string): Principal | undefined;
  /** Carries out a request as over HTTP. */
  send(message: wire.PostMessage, who: Principal): Answer;
  read(conversationId: string, seq: number, who: Principal): Answer;
  problem(error: unknown): wire.Problem;
  /** Whether a new connection may be made now. */
  accepts(): boolean;
  /** Calls `run` after the network's delay; never when the answer is to be lost. */
  carry(run: () => void, isAnswer?: boolean): void;
}

interface Peer {
  who?: Principal;
  /** Nothing reaches it any more, and it does not know. */
  isMuted?: boolean;
  readonly topics: Map<Topic, number>;
  tell(events: ServerEvent[]): void;
  close(code: number): void;
}

/** The WebSocket side of the test server: every socket made with `WebSocket` talks to `host`. */
export function createSockets(host: SocketHost) {
  const { workspace } = host;
  const peers = new Set<Peer>();
  let lostFrames = 0;

  function groupOf({ rev, row, messages, notes, isDeleted }: Commit, topic: Topic, who: Principal): StreamEvent[] {
    const cursor = workspace.cursor(rev);
    if (isDeleted) return [{ event: 'deleted', topic, conversationId: row.conversation.id, reason: 'deleted', cursor }];
    const said = topic === 'inbox' ? [] : messages.map((message) =>
      ({ event: 'message' as const, topic, message: messageView(row, message, who) }));
    const noted = topic === 'inbox' || who.role === 'visitor' ? [] : notes.map((note) => ({ event: 'note' as const, topic, note: noteView(note) }));
    return [...said, ...noted, { event: 'conversation', topic, conversation: conversationView(row, who), cursor }];
  }

  function publish(commit: Commit): void {
    for (const { who, topics, tell } of peers) {
      if (!who || !workspace.sees(who, commit.row)) continue;
      for (const topic of ['inbox', conversationTopic(commit.row.conversation.id)] as const) {
        if ((topics.get(topic) ?? Infinity) >= commit.rev) continue;
        topics.set(topic, commit.rev);
        if (lostFrames > 0) lostFrames -= 1;
        else tell(groupOf(commit, topic, who));
      }
    }
  }

  /** What a topic brought after `since`, as far as `who` may know. */
  function changes(who: Principal, topic: Topic, since: string | undefined): ChangeList {
    const [epoch, rev] = (since ?? workspace.cursor()).split('.').map(Number);
    if (epoch === undefined || rev === undefined || Number.isNaN(epoch + rev) || epoch < workspace.oldestEpoch) throw new Refusal(400, 'invalid-cursor');
    const found = workspace.changesSince(topic, rev, who);
    const gone = [...workspace.deleted].filter(([, at]) => at.rev > rev && (who.role !== 'visitor' || at.userId === who.sub));
    const cursor = workspace.cursor();
    if (epoch !== workspace.epoch || rev > workspace.rev || found.length > REPLAY_CHANGES) return { groups: [], cursor, reset: true };
    const groups = found.map((change) => groupOf(change, topic, who));
    for (const [conversationId, at] of topic === 'inbox' ? gone : []) {
      groups.push([{ event: 'deleted', topic, conversationId, cursor: workspace.cursor(at.rev) }]);
    }
    return { groups, cursor, reset: false };
  }

  function subscribe(peer: Peer, who: Principal, topic: Topic, since: string | undefined, ref: Ref): void {
    const already = peer.topics.has(topic);
    const { groups, cursor, reset } = changes(who, topic, since);
    if (reset) return peer.tell([{ event: 'reset', topic }, { event: 'ok', ref, already }]);
    peer.topics.set(topic, workspace.rev);
    for (const group of groups) peer.tell(group);
    peer.tell([{ event: 'ok', ref, cursor, already }]);
  }

  function act(peer: Peer, op: ClientOp & { ref: Ref }): void {
    const { who } = peer;
    if (op.op === 'auth') return greet(peer, host.identify(op.token));
    if (!who) return peer.close(4401);
    if (op.op === 'subscribe') return subscribe(peer, who, op.topic, op.since, op.ref);
    if (op.op === 'typing') return typing(peer, who, op);
    let answer: Partial<wire.PostMessageAnswer> = {};
    if (op.op === 'unsubscribe') peer.topics.delete(op.topic);
    else answer = (op.op === 'send' ? host.send(op.message, who) : host.read(op.conversationId, op.seq, who)).body as typeof answer;
    const ok = { event: 'ok', ref: op.ref, ...answer } as const;
    // Both at their largest do not fit into a frame; the conversation comes with the group of its commit as well.
    const fits = new TextEncoder().encode(JSON.stringify(ok)).length <= FRAME_BYTES;
    peer.tell([fits ? ok : { ...ok, conversation: undefined }]);
  }

  function typing(from: Peer, who: Principal, { conversationId, isTyping }: Extract<ClientOp, { op: 'typing' }>): void {
    workspace.find(who, conversationId);
    const topic = conversationTopic(conversationId);
    const author = { kind: who.role === 'visitor' ? 'user' as const : 'agent' as const, id: who.sub, name: who.name };
    for (const peer of peers) {
      if (peer !== from && peer.topics.has(topic)) peer.tell([{ event: 'typing', topic, conversationId, author, isTyping }]);
    }
  }

  /** Where each of its topics stands. */
  function beat({ who, topics, tell }: Peer): void {
    if (!who) return;
    tell([{ event: 'heartbeat', heads: Object.fromEntries([...topics].map(([topic, rev]) => [topic, workspace.cursor(rev)])) }]);
  }

  function beatOn(peer: Peer): void {
    host.clock.after(HEARTBEAT_SECONDS * 1000, () => {
      if (!peers.has(peer)) return;
      beat(peer);
      beatOn(peer);
    });
  }

  function greet(peer: Peer, who: Principal | undefined): void {
    if (!who) return peer.close(4401);
    peer.who = who;
    peer.tell([{ event: 'ready', heartbeatSeconds: HEARTBEAT_SECONDS, me: meOf(who) }]);
    beatOn(peer);
  }

  class TestSocket {
    readyState = 0;
    onopen?: () => void;
    onmessage?: (event: { data: string }) => void;
    onclose?: (event: { code: number }) => void;
    private readonly peer: Peer = {
      topics: new Map(),
      tell: (events) => {
        if (this.peer.isMuted) return;
        const data = JSON.stringify(events.length === 1 ? events[0] : events);
        host.carry(() => this.readyState === 1 && this.onmessage?.({ data }), events.some(({ event }) => event === 'ok'));
      },
      close: (code) => this.end(code),
    };

    constructor(url: string) {
      host.carry(() => {
        if (this.readyState !== 0) return;
        if (!host.accepts()) return this.end(1006);
        this.readyState = 1;
        peers.add(this.peer);
        this.onopen?.();
        // Who brings a token is not whom the cookie stands for.
        const who = url.endsWith('?auth=frame') ? undefined : host.identify();
        if (who) greet(this.peer, who);
      });
    }

    send(text: string): void {
      const op = JSON.parse(text) as ClientOp & { ref: Ref };
      host.carry(() => {
        if (this.readyState !== 1) return;
        try {
          act(this.peer, op);
        } catch (error) {
          this.peer.tell([{ event: 'error', ref: op.ref, problem: host.problem(error) }]);
        }
      });
    }

    close(code = 1005): void {
      this.end(code);
    }

    private end(code: number): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      peers.delete(this.peer);
      host.carry(() => this.onclose?.({ code }));
    }
  }

  const all = (event: ServerEvent) => {
    for (const peer of peers) if (peer.who) peer.tell([event]);
  };
  return {
    // It has the members this package uses; the rest of the browser's class is of no use to a test.
    WebSocket: TestSocket as unknown as SocketFactory,
    publish, changes,
    cut: (code: number) => [...peers].forEach((peer) => peer.close(code)),
    goaway: (reconnectInMs: number) => all({ event: 'goaway', reconnectInMs }),
    changed: (what: wire.DeskList) => peers.forEach(({ who, topics, tell }) => {
      if (who && who.role !== 'visitor' && topics.has('inbox')) tell([{ event: 'changed', topic: 'inbox', what }]);
    }),
    presence: (userId: string, isOnline: boolean) => all({ event: 'presence', userId, isOnline }),
    mute: () => [...peers].forEach((peer) => (peer.isMuted = true)),
    loseFrames: (count: number) => void (lostFrames = count),
    typing: (conversationId: string, author: wire.Author, isTyping: boolean) =>
      all({ event: 'typing', topic: conversationTopic(conversationId), conversationId, author, isTyping }),
    heartbeat: () => peers.forEach(beat),
    get count() {
      return peers.size;
    },
  };
}
