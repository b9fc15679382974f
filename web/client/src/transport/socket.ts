import { ANSWER_TIMEOUT_MS, CONNECT_TIMEOUT_MS, HEARTBEATS_MISSED } from '../limits.js';
import { parseFrame, type ClientOp, type OkEvent, type Ref, type ServerEvent } from '../protocol/events.js';
import { LiveChatError, trouble } from '../protocol/problem.js';
import type { Clock } from './clock.js';
import { BASE_PATH, unexpected } from './rest.js';

/** Close codes that say: what you sent cannot be taken. Sending it again would only end the next connection too. */
const SENT_UNACCEPTABLE = [1003, 1007, 1008, 1009];
/** This side found the connection dead or its frames unreadable. */
const DEAD = 4000;

export type SocketFactory = new (url: string, protocols?: string | string[]) => WebSocket;

export interface SocketOptions {
  /** `http…`, without the API path. */
  url: string;
  WebSocket: SocketFactory;
  clock: Clock;
  /** Sent as first frame. Without one the upgrade itself is authenticated. */
  token?: string;
  /** Every event but answers, in order. */
  onEvent(event: Exclude<ServerEvent, OkEvent>): void;
  /** A frame could not be read. */
  onUnreadable(error: LiveChatError): void;
  /** Once, and nothing after it. 1006 when the connection just ended. */
  onClose(code: number): void;
}

/** Called in the order of the frames, so that an answer's cursor and the events around it keep their order. */
export type Answer = (ok: OkEvent | undefined, error?: LiveChatError) => void;

export interface Socket {
  /** Sends and calls back once: with the answer, or with why there is none. */
  request(op: ClientOp, answer: Answer): void;
  /** Sends what needs no answer. */
  cast(op: ClientOp): void;
  /** Ends it if nothing was heard for too long: timers stand still while a machine sleeps. */
  checkAlive(): void;
  close(code?: number): void;
}

/** One connection, from dialling to its end. Reconnecting is the caller's. */
export function openSocket({ url, WebSocket, clock, token, onEvent, onUnreadable, onClose }: SocketOptions): Socket {
  // On the console's own origin the browser sends its cookie along, unasked: a token stands alone.
  const address = `${url.replace(/^http/, 'ws')}${BASE_PATH}/ws${token === undefined ? '' : '?auth=frame'}`;
  const socket = new WebSocket(address, 'parlor.v1');
  const waiting = new Map<Ref, { answer: Answer; isSend: boolean; cancel: () => void }>();
  let lastRef = 0;
  let isOver = false;
  let silenceMs = CONNECT_TIMEOUT_MS;
  let lastHeard = clock.now();
  let stopWatch = clock.after(silenceMs, checkAlive);

  function checkAlive(): void {
    if (isOver) return;
    const left = lastHeard + silenceMs - clock.now();
    stopWatch();
    // More than there was: the clock was put back, and nobody knows how long it has been.
    if (left <= 0 || left > silenceMs) end(DEAD);
    else stopWatch = clock.after(left, checkAlive);
  }

  function end(code: number): void {
    if (isOver) return;
    isOver = true;
    stopWatch();
    if (socket.readyState < 2) socket.close(code >= 3000 || code === 1000 ? code : undefined);
    let refuse = SENT_UNACCEPTABLE.includes(code);
    const open = [...waiting.values()];
    waiting.clear();
    for (const { answer, isSend, cancel } of open) {
      cancel();
      const blamed = refuse && isSend;
      if (blamed) refuse = false;
      answer(undefined, blamed ? unacceptable(code) : lost());
    }
    onClose(code);
  }

  function settle(ref: Ref, ok: OkEvent | undefined, error?: LiveChatError): void {
    const request = waiting.get(ref);
    waiting.delete(ref);
    request?.cancel();
    request?.answer(ok, error);
  }

  function receive(text: string): void {
    lastHeard = clock.now();
    let events: ServerEvent[];
    try {
      events = parseFrame(text);
    } catch {
      // What cannot be read cannot be applied; the next connection replays it from the cursor.
      onUnreadable(unexpected(0));
      return end(DEAD);
    }
    for (const event of events) {
      if (isOver) return;
      if (event.event === 'ok') settle(event.ref, event);
      else if (event.event === 'error' && event.ref !== undefined) {
        settle(event.ref, undefined, new LiveChatError(event.problem));
      } else {
        if (event.event === 'ready') silenceMs = event.heartbeatSeconds * 1000 * HEARTBEATS_MISSED;
        onEvent(event);
      }
    }
  }

  const cast = (op: ClientOp, ref: Ref = ++lastRef) => {
    if (socket.readyState === 1) socket.send(JSON.stringify({ ...op, ref }));
  };
  socket.onopen = () => {
    if (token !== undefined) cast({ op: 'auth', token });
  };
  socket.onmessage = ({ data }: MessageEvent) => receive(String(data));
  socket.onclose = ({ code }: CloseEvent) => end(code);

  return {
    request(op, answer) {
      if (isOver) return answer(undefined, lost());
      const ref = ++lastRef;
      const cancel = clock.after(ANSWER_TIMEOUT_MS, () => end(DEAD));
      waiting.set(ref, { answer, isSend: op.op === 'send', cancel });
      cast(op, ref);
    },
    cast: (op) => cast(op),
    checkAlive,
    close: (code = 1000) => end(code),
  };
}

function lost(): LiveChatError {
  return trouble('network', 'The connection ended before the answer.');
}

function unacceptable(code: number): LiveChatError {
  const title = 'The server could not accept this message.';
  return code === 1009 ? trouble('too-large', title, 413) : trouble('validation', title, 422);
}
