import { randomBytes } from 'node:crypto';
import type { LiveChatOptions } from '@parlor/client';
import type { Line, LineOwner } from './line.js';
import type { Network } from './network.js';

const TEXT = 1;
const CLOSE = 8;
const PING = 9;
const PONG = 10;
const NO_STATUS = 1005;
const ABNORMAL = 1006;

interface Frame {
  opcode: number;
  payload: Buffer;
  /** Bytes it took. */
  size: number;
}

/** The frame at the beginning of `bytes`, if it is all there. Servers do not mask. */
function readFrame(bytes: Buffer): Frame | undefined {
  if (bytes.length < 2) return undefined;
  const short = bytes.readUInt8(1);
  const head = short < 126 ? 2 : short === 126 ? 4 : 10;
  if (bytes.length < head) return undefined;
  const length = short < 126 ? short : short === 126 ? bytes.readUInt16BE(2) : Number(bytes.readBigUInt64BE(2));
  if (bytes.length < head + length) return undefined;
  return { opcode: bytes.readUInt8(0) & 0x0f, payload: bytes.subarray(head, head + length), size: head + length };
}

function frameHead(opcode: number, length: number, mask: Buffer): Buffer {
  const lengths = length < 126 ? [0x80 | length] : [0x80 | 126, length >> 8, length & 0xff];
  return Buffer.concat([Buffer.from([0x80 | opcode, ...lengths]), mask]);
}

/** The browser's `WebSocket` over a connection that can be cut at every byte, as far as the client uses it. */
export function createWebSocket(network: Network): NonNullable<LiveChatOptions['WebSocket']> {
  class ProofSocket implements LineOwner {
    readyState = 0;
    onopen?: () => void;
    onmessage?: (event: { data: string }) => void;
    onclose?: (event: { code: number }) => void;
    private readonly line: Line | undefined;
    private received: Buffer = Buffer.alloc(0);
    private closeCode = ABNORMAL;
    private isOpened = false;

    constructor(address: string, protocol: string) {
      if (network.isOff || network.isWithoutSockets) {
        queueMicrotask(() => this.over());
        return;
      }
      const { pathname, search } = new URL(address);
      const head = `GET ${pathname}${search} HTTP/1.1\r\nhost: parlor\r\nconnection: upgrade\r\nupgrade: websocket\r\n`
        + `sec-websocket-version: 13\r\nsec-websocket-key: ${randomBytes(16).toString('base64')}\r\nsec-websocket-protocol: ${protocol}\r\n\r\n`;
      this.line = network.connect(this);
      network.sockets.add(this.line);
      network.inFlight.set(this.line, { isLongPoll: false });
      network.arm(this.line, 'socket');
      this.line.send([{ name: 'upgrade', bytes: Buffer.from(head) }]);
    }

    send(text: string): void {
      network.tell(`> ${text}`);
      this.put(TEXT, Buffer.from(text));
    }

    close(code?: number): void {
      if (this.readyState >= 2) return;
      this.readyState = 2;
      this.forget();
      if (!this.isOpened) return this.line?.sever('reset');
      this.put(CLOSE, code === undefined ? Buffer.alloc(0) : Buffer.from([code >> 8, code & 0xff]));
      this.line?.end();
    }

    hear(bytes: Buffer): void {
      this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
      if (!this.isOpened && (this.readyState > 0 || !this.opened())) return;
      for (let frame = readFrame(this.received); frame; frame = readFrame(this.received)) {
        this.received = this.received.subarray(frame.size);
        this.take(frame);
      }
    }

    over(): void {
      if (this.readyState === 3) return;
      this.readyState = 3;
      this.forget();
      network.tell(`closed ${this.closeCode}`);
      this.onclose?.({ code: this.closeCode });
    }

    place(): { name: string; offset: number } {
      if (this.readyState === 0) return { name: 'upgrade answer', offset: this.received.length };
      return { name: 'frame down', offset: this.received.length };
    }

    private forget(): void {
      if (!this.line) return;
      network.sockets.delete(this.line);
      network.inFlight.delete(this.line);
    }

    private opened(): boolean {
      const end = this.received.indexOf('\r\n\r\n');
      if (end < 0) return false;
      const status = this.received.toString('latin1', 0, end).split(' ')[1];
      this.received = this.received.subarray(end + 4);
      if (status !== '101') {
        this.line?.end();
        return false;
      }
      this.readyState = 1;
      this.isOpened = true;
      if (this.line) network.inFlight.delete(this.line);
      this.onopen?.();
      return true;
    }

    private take({ opcode, payload }: Frame): void {
      if (opcode === TEXT && this.readyState === 1) {
        const data = payload.toString('utf8');
        network.tell(`< ${data}`);
        this.onmessage?.({ data });
      }
      else if (opcode === PING) this.put(PONG, payload);
      else if (opcode === CLOSE) {
        this.closeCode = payload.length >= 2 ? payload.readUInt16BE(0) : NO_STATUS;
        if (this.readyState < 2) this.put(CLOSE, payload.subarray(0, 2));
        this.line?.end();
        this.over();
      }
    }

    private put(opcode: number, payload: Buffer): void {
      const mask = randomBytes(4);
      const masked = Buffer.from(payload);
      for (let i = 0; i < masked.length; i += 1) masked[i] = (masked[i] ?? 0) ^ (mask[i & 3] ?? 0);
      const bytes = Buffer.concat([frameHead(opcode, payload.length, mask), masked]);
      this.line?.send([{ name: 'frame up', bytes }]);
    }
  }
  // It has the members the client uses; the rest of the browser's class is of no use here.
  return ProofSocket as unknown as NonNullable<LiveChatOptions['WebSocket']>;
}
