import { BASE_PATH } from '../transport/rest.js';
import type { LiveChatOptions } from '../api.js';
import type { Topic } from '../protocol/events.js';
import type * as wire from '../protocol/schema.js';
import { createTestClock, createTestRandom, type TestClock } from './clock.js';
import { createLifecycle } from './lifecycle.js';
import { createRoutes } from './routes.js';
import { createSockets } from './sockets.js';
import { conversationView, createWorkspace, messageView, noteView, Refusal, type Principal, type Row, type Workspace } from './workspace.js';

export interface TestServerOptions {
  clock?: TestClock;
  /** Who the cookie stands for, or nobody. Default: the agent Ada. */
  cookie?: Principal | null;
}

/** A conversation to begin with. */
export type SeedConversation = Partial<Omit<wire.LiveChatConversation, 'messages' | 'unreadCount' | 'version' | 'messageCount'>> & {
  /** Each a text, or more of a message. Default: one text of the user. */
  messages?: (string | (Partial<wire.LiveChatMessage> & { text: string }))[];
};

export type TestServer = ReturnType<typeof createTestServer>;

const ADA: Principal = { role: 'agent', sub: 'ada', name: 'Ada' };
const URL_OF_TESTS = 'http://parlor.test';

/** Parlor in memory: the contract's behaviour behind `fetch` and `WebSocket`, on a clock that the test moves. */
export function createTestServer({ clock = createTestClock(), cookie = ADA }: TestServerOptions = {}) {
  const agent: Principal = { role: 'agent', sub: 'test' };
  const tokens = new Map<string, Principal>();
  let signedIn: Principal | null = cookie;
  let isUp = true;
  let hasSockets = true;
  let delayMs = 0;
  let lostAnswers = 0;
  let refusals: Refusal[] = [];
  const requests: string[] = [];

  let hasChanges = true;
  /** Long polls that wait for something to happen. */
  const held = new Set<() => void>();

  const lifecycle = createLifecycle(clock, () => workspace, () => sockets.changed('settings'));
  const workspace: Workspace = createWorkspace(clock, (commit) => {
    sockets.publish(commit);
    for (const look of held) look();
  }, lifecycle.date);
  const routes = createRoutes(workspace, lifecycle, (what) => sockets.changed(what));
  const identify = (token?: string) => (token === undefined ? signedIn ?? undefined : tokens.get(token));

  function problem(error: unknown): wire.Problem {
    if (!(error instanceof Refusal)) throw error;
    return error.problem;
  }

  function refuse(): void {
    const refusal = refusals.shift();
    if (refusal) throw refusal;
  }

  const sockets = createSockets({
    clock, workspace, identify, problem,
    send(message, who) {
      refuse();
      return routes.postMessage(message, who);
    },
    read: (id, seq, who) => routes.read(id, { seq }, who),
    accepts: () => isUp && hasSockets,
    carry(run, isAnswer = false) {
      if (isAnswer && lostAnswers > 0) {
        lostAnswers -= 1;
        return sockets.cut(1006);
      }
      clock.after(delayMs, run);
    },
  });

  function answer(method: string, url: URL, token: string | undefined, text: string | undefined): Response {
    let status = 200;
    let body: unknown;
    let plain: string | undefined;
    let mediaType: string | undefined;
    try {
      refuse();
      const who = identify(token);
      if (!who) throw new Refusal(401, 'unauthenticated');
      if (hasChanges && url.pathname === `${BASE_PATH}/changes`) {
        const topic = (url.searchParams.get('topic') ?? '') as Topic;
        return respond(200, sockets.changes(who, topic, url.searchParams.get('since') ?? undefined));
      }
      const json: unknown = text === undefined ? undefined : JSON.parse(text);
      ({ status, body, text: plain, mediaType } = routes.handle(method, url.pathname.slice(BASE_PATH.length), url.searchParams, json, who));
    } catch (error) {
      body = problem(error);
      ({ status } = body as wire.Problem);
    }
    return respond(status, body, plain, mediaType);
  }

  function respond(status: number, body: unknown, text?: string, mediaType = text === undefined ? 'application/json' : 'text/plain'): Response {
    return new Response(status === 204 ? null : text ?? JSON.stringify(body), { status, headers: { 'content-type': mediaType } });
  }

  /** Calls `answered` with a long poll's answer: when there is something, or in the end. */
  function hold(url: URL, token: string | undefined, answered: (response: Response) => void): void {
    const who = identify(token);
    const since = url.searchParams.get('since') ?? undefined;
    const isDue = () => {
      try {
        const found = who && sockets.changes(who, url.searchParams.get('topic') as Topic, since);
        return !found || found.reset || found.groups.length > 0;
      } catch {
        // A refusal is an answer.
        return true;
      }
    };
    const done = () => {
      held.delete(look);
      cancel();
      answered(answer('GET', url, token, undefined));
    };
    const look = () => {
      if (isUp && isDue()) done();
    };
    const cancel = clock.after(Number(url.searchParams.get('wait')) * 1000, done);
    held.add(look);
    look();
  }

  function testFetch(input: RequestInfo | URL, init: RequestInit = {}): Promise<Response> {
    const token = new Headers(init.headers).get('authorization')?.replace('Bearer ', '');
    const url = new URL(String(input));
    return new Promise((resolve, reject) => {
      const fail = () => reject(new TypeError('fetch failed'));
      init.signal?.addEventListener('abort', fail);
      clock.after(delayMs, () => {
        if (init.signal?.aborted || !isUp) return fail();
        const method = init.method ?? 'GET';
        requests.push(`${method} ${url.pathname.slice(BASE_PATH.length)}${url.search}`);
        const carry = (response: Response) => clock.after(delayMs, () => (isUp ? resolve(response) : fail()));
        if (hasChanges && Number(url.searchParams.get('wait')) > 0) return hold(url, token, carry);
        const response = answer(method, url, token, init.body as string | undefined);
        if (lostAnswers > 0 && init.method === 'POST') {
          lostAnswers -= 1;
          return fail();
        }
        carry(response);
      });
    });
  }

  function rowOf(id: string): Row {
    return workspace.find(agent, id);
  }

  return {
    url: URL_OF_TESTS,
    clock,
    fetch: testFetch as typeof fetch,
    WebSocket: sockets.WebSocket,
    /** Every HTTP request so far: method, path and query. */
    requests,

    /** Options for `createLiveChat`: this server, this clock, publishing on the clock's next turn. */
    options(overrides: LiveChatOptions = {}): LiveChatOptions {
      return {
        url: URL_OF_TESTS, fetch: testFetch as typeof fetch, WebSocket: sockets.WebSocket, clock, random: createTestRandom(),
        schedule: (flush) => void clock.after(16, flush), onWake: () => () => {}, onHide: () => () => {}, ...overrides,
      };
    },

    /** A token for somebody; `revoke` takes it back. */
    token(who: Principal, before = ''): string {
      const token = `${before}${who.role}.${who.sub}.${tokens.size}`;
      tokens.set(token, who);
      return token;
    },
    revoke: (token: string) => void tokens.delete(token),
    signIn: (who: Principal | null) => void (signedIn = who),

    /** Puts a conversation there, as if it had always been. */
    add({ messages = ['Hello'], ...given }: SeedConversation = {}): string {
      const userId = given.userId ?? 'user-1';
      const row = workspace.create({ ...given, userId, funnelId: given.funnelId ?? 'demo' });
      workspace.commit(row, () => {
        for (const said of messages) {
          const message = typeof said === 'string' ? { text: said } : said;
          const type = message.type ?? 'user';
          workspace.append(row, { author: { kind: type }, type, ...message });
        }
      });
      return row.conversation.id;
    },
    addFunnel: (funnel: wire.Funnel) => void workspace.funnels.set(funnel.id, funnel),
    /** Somebody says something. */
    say(conversationId: string, text: string, kind: wire.Author['kind'] = 'user'): void {
      const row = rowOf(conversationId);
      const type = kind === 'agent' ? 'bot' : kind;
      const id = kind === 'user' ? row.conversation.userId : undefined;
      workspace.commit(row, () => workspace.append(row, { type, text, author: { kind, id } }));
    },
    /** Changes a row, as another agent would. */
    change(conversationId: string, change: Partial<Row['conversation']>): void {
      const row = rowOf(conversationId);
      workspace.commit(row, () => Object.assign(row.conversation, change));
    },
    /** Another agent notes something; answers with the note's id. */
    addNote: (conversationId: string, text: string, author: Omit<wire.Note['author'], 'kind'> = { id: 'ben', name: 'Ben' }) =>
      workspace.addNote(rowOf(conversationId), text, { kind: 'agent', ...author }).id,
    deleteNote(conversationId: string, id: string): void {
      const row = rowOf(conversationId);
      const note = row.notes.find((other) => other.id === id);
      if (note) workspace.deleteNote(row, note);
    },
    notes: (id: string) => rowOf(id).notes.filter((note) => !note.deletedAt).map(noteView),
    /** An agent who may hold conversations. */
    addAgent(agent: wire.Agent): void {
      workspace.agents.set(agent.id, agent.name);
      sockets.changed('agents');
    },
    close(conversationId: string): void {
      const row = rowOf(conversationId);
      workspace.commit(row, () => workspace.setStatus(row, 'closed', 'agent'));
    },
    remove: (id: string) => workspace.remove(id),
    /**
     * How conversations end, as another admin would set it; with `redating` or `clock` also what the server says of itself.
     * At first nothing closes, is archived or erased by itself; snoozes end at their time.
     */
    setSettings({ policy, ...change }: { policy?: wire.PartialLifecyclePolicy } & Partial<Pick<wire.Settings, 'funnels' | 'redating' | 'clock'>>): void {
      lifecycle.put({ inboxes: { default: { ...lifecycle.settings.inboxes.default, ...policy } }, ...change });
    },
    get settings() {
      return lifecycle.settings;
    },
    /** What is kept of deletions, newest first. */
    get deletions() {
      return workspace.deletions;
    },
    presence(userId: string, isOnline: boolean): void {
      for (const { conversation } of workspace.rows.values()) if (conversation.userId === userId) conversation.user.isOnline = isOnline;
      sockets.presence(userId, isOnline);
    },
    typing: sockets.typing,
    heartbeat: sockets.heartbeat,

    /** What the server has. */
    conversation: (id: string, who: Principal = agent) => conversationView(rowOf(id), who),
    messages: (id: string, who: Principal = agent) => rowOf(id).messages.map((message) => messageView(rowOf(id), message, who)),
    conversationIds: () => [...workspace.rows.keys()],
    get sockets() {
      return sockets.count;
    },
    /** Long polls held at this moment. */
    get polls() {
      return held.size;
    },

    /** The process ends: nothing answers, every socket is gone. What is stored stays. */
    down(): void {
      isUp = false;
      sockets.cut(1006);
    },
    up: () => void (isUp = true),
    /** A network that lets no WebSocket through. */
    blockSockets(): void {
      hasSockets = false;
      sockets.cut(1006);
    },
    unblockSockets: () => void (hasSockets = true),
    /** A server of before long polls. */
    withoutChanges: () => void (hasChanges = false),
    /** Ends every socket with a code. */
    cutSockets: (code = 1006) => sockets.cut(code),
    goaway: sockets.goaway,
    /** The next `count` answers to a send are lost on the way back: what was asked is done. */
    loseAnswers: (count = 1) => void (lostAnswers = count),
    /** Connections of now go dead without an end: nothing arrives any more. */
    muteSockets: () => sockets.mute(),
    /** The next `count` groups never reach anybody. */
    loseFrames: (count = 1) => sockets.loseFrames(count),
    /** The next requests are refused, one each. */
    refuseNext(...codes: [status: number, code: wire.ProblemCode][]): void {
      refusals = codes.map(([status, code]) => new Refusal(status, code));
    },
    /** Every way takes this long. */
    delay: (ms: number) => void (delayMs = ms),
    /** A restore: cursors of before are worth a `reset`. */
    newEpoch: workspace.newEpoch,
    /** Another data directory: cursors of before are refused. */
    forgetCursors: workspace.forgetCursors,
  };
}
