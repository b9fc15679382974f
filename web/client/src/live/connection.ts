import type { Connection, ConnectionPhase } from '../api.js';
import { HEALTHY_AFTER_MS, POLL_AFTER_MS, SOCKETS_FAILED } from '../limits.js';
import type { OkEvent, ServerEvent } from '../protocol/events.js';
import { asLiveChatError, trouble, type LiveChatError } from '../protocol/problem.js';
import type { Me } from '../protocol/schema.js';
import type { Clock } from '../transport/clock.js';
import type { Credentials } from '../transport/credentials.js';
import { openPoll } from '../transport/poll.js';
import type { Rest } from '../transport/rest.js';
import { createRetry } from '../transport/retry.js';
import { openSocket, type Socket, type SocketFactory } from '../transport/socket.js';

const ABNORMAL = 1006;
const UNAUTHENTICATED = 4401;
const FORBIDDEN = 4403;

export interface ConnectionOptions {
  url: string;
  WebSocket: SocketFactory;
  clock: Clock;
  random: () => number;
  credentials: Credentials;
  rest: Rest;
  refreshInterval: number;
  publish(connection: Connection): void;
  /** The socket, or the long poll in its place, is there. Without `me` who this is has been asked for. */
  ready(me: Me | undefined, socket: Socket): void;
  lost(): void;
  receive(event: Exclude<ServerEvent, OkEvent>): void;
  failed(error: LiveChatError): void;
  /** Makes sure that the server knows us. Rejects when it cannot be reached. */
  identify(): Promise<void>;
  /** Fetches what is shown again. Rejects when the server cannot be reached. */
  poll(): Promise<void>;
  /** Whether everything wanted has caught up. */
  isSettled(): boolean;
}

/** Keeps one connection up as long as it is started, and polls while there is none. */
export function createConnection(options: ConnectionOptions) {
  const { clock, credentials } = options;
  const redial = createRetry(clock, options.random, () => void dial());
  const repoll = createRetry(clock, options.random, () => void poll());
  let { refreshInterval } = options;
  let state: Connection = { phase: 'connecting', since: new Date(clock.now()), attempt: 0, queued: 0, unsaved: 0 };
  let isStarted = false;
  /** Rises with start, stop and every dial: whatever an earlier one still brings is void. */
  let turn = 0;
  let socket: Socket | undefined;
  let isReady = false;
  let wasRenewed = false;
  let goawayMs: number | undefined;
  let cancelHealthy: (() => void) | undefined;
  let isPolling = false;
  let cancelSlow: (() => void) | undefined;
  /** Stands in for the socket. */
  let link: Socket | undefined;
  let closeLink: () => void = () => {};
  let cancelLinkHealthy: (() => void) | undefined;
  /** Rises with every poll and its end: whatever an earlier one still brings is void. */
  let pollTurn = 0;
  /** The server is too old for it. */
  let isLinkless = false;

  function update(change: Partial<Connection>): void {
    const moved = change.phase !== undefined && change.phase !== state.phase;
    state = { ...state, ...change, attempt: redial.attempt, since: moved ? new Date(clock.now()) : state.since };
    options.publish(state);
  }
  const enter = (phase: ConnectionPhase) => update({ phase });

  async function dial(): Promise<void> {
    const own = ++turn;
    cancelSlow ??= clock.after(POLL_AFTER_MS, startPolling);
    let token: string | undefined;
    try {
      token = await credentials.get();
    } catch (error) {
      if (own !== turn) return;
      options.failed(trouble('unauthenticated', 'No token could be had.', 401, error));
      redial.later();
      return update({});
    }
    if (own !== turn) return;
    try {
      socket = openSocket({
        url: options.url, WebSocket: options.WebSocket, clock, token,
        onEvent: (event) => own === turn && hear(event),
        onUnreadable: options.failed,
        onClose: (code) => own === turn && closed(code, token),
      });
    } catch {
      // A page's policy may forbid sockets.
      closed(ABNORMAL, token);
    }
  }

  function hear(event: Exclude<ServerEvent, OkEvent>): void {
    if (event.event === 'goaway') {
      goawayMs = event.reconnectInMs;
      socket?.close();
    } else if (event.event === 'ready' && socket) {
      isReady = true;
      wasRenewed = false;
      cancelHealthy = clock.after(HEALTHY_AFTER_MS, redial.worked);
      stopPolling();
      update({ phase: 'catching-up', refreshMs: undefined });
      options.ready(event.me, socket);
      settle();
    } else options.receive(event);
  }

  function settle(): void {
    if (state.phase === 'catching-up' && options.isSettled()) enter(isReady ? 'live' : 'polling');
  }

  function closed(code: number, token: string | undefined): void {
    const wasReady = isReady;
    disconnect();
    if (wasReady) enter('connecting');
    if (code === FORBIDDEN) {
      stopPolling();
      options.failed(trouble('forbidden', 'This connection is not allowed.', 403));
      return enter('offline');
    }
    if (code === UNAUTHENTICATED) {
      credentials.renew(token);
      if (token === undefined || wasRenewed) {
        options.failed(trouble('unauthenticated', 'You are signed out.', 401));
      } else {
        wasRenewed = true;
        return redial.after(0);
      }
    }
    if (redial.attempt >= SOCKETS_FAILED - 1) startPolling();
    if (goawayMs === undefined) redial.later();
    else redial.after(goawayMs);
    goawayMs = undefined;
    update({});
  }

  function disconnect(): void {
    turn += 1;
    socket = undefined;
    if (isReady) options.lost();
    isReady = false;
    cancelHealthy?.();
  }

  function startPolling(): void {
    if (isPolling || isReady) return;
    isPolling = true;
    void poll();
  }

  async function poll(): Promise<void> {
    if (isLinkless) return refetch();
    const own = ++pollTurn;
    try {
      await options.identify();
      if (own === pollTurn) openLink();
    } catch (error) {
      if (own === pollTurn) unlinked(asLiveChatError(error));
    }
  }

  function openLink(): void {
    const own: Socket = openPoll({
      rest: options.rest,
      clock,
      onOpen() {
        link = own;
        cancelLinkHealthy = clock.after(HEALTHY_AFTER_MS, repoll.worked);
        update({ phase: 'catching-up', refreshMs: undefined });
        options.ready(undefined, own);
        settle();
      },
      onEvent: options.receive,
      onClose: unlinked,
    });
    closeLink = own.close;
  }

  function unlinked(error: LiveChatError): void {
    unlink();
    // Only a server that does not know long polls answers so; a proxy's own page comes and goes.
    if ((error.status === 404 || error.status === 405) && error.code !== 'unexpected-answer') {
      isLinkless = true;
      return void poll();
    }
    if (error.status === 401 || error.status === 403) options.failed(error);
    if (isOut(error)) enter('offline');
    repoll.later(error.retryAfterMs);
  }

  /** For servers without long polls: everything again, every now and then. */
  async function refetch(): Promise<void> {
    const own = ++pollTurn;
    let phase: ConnectionPhase = refreshInterval > 0 ? 'polling' : 'offline';
    try {
      if (refreshInterval > 0) await options.identify().then(options.poll);
    } catch (error) {
      if (isOut(asLiveChatError(error))) phase = 'offline';
    }
    if (own !== pollTurn) return;
    update({ phase, refreshMs: refreshInterval });
    if (refreshInterval > 0) repoll.after(refreshInterval);
  }

  function unlink(): void {
    pollTurn += 1;
    closeLink();
    cancelLinkHealthy?.();
    if (link) options.lost();
    link = undefined;
  }

  function stopPolling(): void {
    isPolling = false;
    cancelSlow?.();
    cancelSlow = undefined;
    repoll.stop();
    unlink();
  }

  return {
    start(): void {
      if (isStarted) return;
      isStarted = true;
      enter('connecting');
      void dial();
    },
    stop(): void {
      if (!isStarted) return;
      isStarted = false;
      const open = socket;
      disconnect();
      open?.close();
      stopPolling();
      redial.stop();
      enter('offline');
    },
    /** The network or the page is back: whatever waits need not wait longer. */
    wake(): void {
      if (!isStarted) return;
      socket?.checkAlive();
      link?.checkAlive();
      redial.now();
      repoll.now();
    },
    settle,
    socket: () => (isReady ? socket : undefined),
    counted: (queued: number, unsaved: number) => update({ queued, unsaved }),
    setRefreshInterval(ms: number): void {
      if (refreshInterval === ms) return;
      refreshInterval = ms;
      if (!isPolling || !isLinkless) return;
      repoll.stop();
      void poll();
    },
  };
}

/** Whether an error means that this client is cut off. Any other refusal is an answer: lists and threads show what was refused. */
function isOut({ status }: LiveChatError): boolean {
  return status < 400 || status === 401 || status === 403 || status >= 500;
}
