import type { Connection, ConnectionPhase } from '../api.js';
import { HEALTHY_AFTER_MS } from '../limits.js';
import type { OkEvent, ServerEvent } from '../protocol/events.js';
import { asLiveChatError, LiveChatError } from '../protocol/problem.js';
import type { Me } from '../protocol/schema.js';
import type { Clock } from '../transport/clock.js';
import type { Credentials } from '../transport/credentials.js';
import { createRetry } from '../transport/retry.js';
import { openSocket, type Socket, type SocketFactory } from '../transport/socket.js';

const UNAUTHENTICATED = 4401;
const FORBIDDEN = 4403;

export interface ConnectionOptions {
  url: string;
  WebSocket: SocketFactory;
  clock: Clock;
  random: () => number;
  credentials: Credentials;
  refreshInterval: number;
  publish(connection: Connection): void;
  ready(me: Me, socket: Socket): void;
  lost(): void;
  receive(event: Exclude<ServerEvent, OkEvent>): void;
  failed(error: LiveChatError): void;
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

  function update(change: Partial<Connection>): void {
    const moved = change.phase !== undefined && change.phase !== state.phase;
    state = { ...state, ...change, attempt: redial.attempt, since: moved ? new Date(clock.now()) : state.since };
    options.publish(state);
  }
  const enter = (phase: ConnectionPhase) => update({ phase });

  async function dial(): Promise<void> {
    const own = ++turn;
    let token: string | undefined;
    try {
      token = await credentials.get();
    } catch (error) {
      if (own !== turn) return;
      options.failed(new LiveChatError({ code: 'unauthenticated', status: 401, title: 'No token could be had.' }, undefined, error));
      redial.later();
      return update({});
    }
    if (own !== turn) return;
    socket = openSocket({
      url: options.url, WebSocket: options.WebSocket, clock, token,
      onEvent: (event) => own === turn && hear(event),
      onClose: (code) => own === turn && closed(code, token),
    });
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
      enter('catching-up');
      options.ready(event.me, socket);
      settle();
    } else options.receive(event);
  }

  function settle(): void {
    if (state.phase === 'catching-up' && options.isSettled()) enter('live');
  }

  function closed(code: number, token: string | undefined): void {
    const wasReady = isReady;
    disconnect();
    if (wasReady) enter('connecting');
    if (code === FORBIDDEN) {
      options.failed(new LiveChatError({ code: 'forbidden', status: 403, title: 'This connection is not allowed.' }));
      return enter('offline');
    }
    if (code === UNAUTHENTICATED) {
      credentials.renew(token);
      if (token === undefined || wasRenewed) {
        options.failed(new LiveChatError({ code: 'unauthenticated', status: 401, title: 'You are signed out.' }));
      } else {
        wasRenewed = true;
        return redial.after(0);
      }
    }
    if (!wasReady) startPolling();
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
    if (isPolling) return;
    isPolling = true;
    if (refreshInterval > 0) void poll();
    else enter('offline');
  }

  async function poll(): Promise<void> {
    let phase: ConnectionPhase = 'polling';
    try {
      await options.poll();
    } catch (error) {
      // An answer that refuses is an answer: the lists and threads show what was refused.
      const { status } = asLiveChatError(error);
      if (status === 0 || status === 401 || status === 403 || status >= 500) phase = 'offline';
    }
    if (!isPolling) return;
    enter(phase);
    if (refreshInterval > 0) repoll.after(refreshInterval);
  }

  function stopPolling(): void {
    isPolling = false;
    repoll.stop();
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
      redial.now();
      repoll.now();
    },
    settle,
    socket: () => (isReady ? socket : undefined),
    counted: (queued: number, unsaved: number) => update({ queued, unsaved }),
    setRefreshInterval(ms: number): void {
      if (refreshInterval === ms) return;
      refreshInterval = ms;
      if (!isPolling) return;
      stopPolling();
      startPolling();
    },
  };
}
