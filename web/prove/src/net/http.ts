import { Line, type LineOwner } from './line.js';
import type { Network } from './network.js';

const END_OF_HEAD = Buffer.from('\r\n\r\n');

interface Head {
  status: number;
  headers: Headers;
  length: number;
}

/** One request and its answer on a connection. */
class Exchange implements LineOwner {
  private received: Buffer = Buffer.alloc(0);
  private head: Head | undefined;

  constructor(private readonly done: (answer: Response | undefined) => void) {}

  hear(bytes: Buffer): void {
    this.received = this.received.length === 0 ? bytes : Buffer.concat([this.received, bytes]);
    if (!this.head) {
      const end = this.received.indexOf(END_OF_HEAD);
      if (end < 0) return;
      this.head = readHead(this.received.toString('latin1', 0, end));
      this.received = this.received.subarray(end + END_OF_HEAD.length);
    }
    const { status, headers, length } = this.head;
    if (this.received.length < length) return;
    const body = status === 204 ? null : this.received.toString('utf8', 0, length);
    this.done(new Response(body, { status, headers }));
  }

  over(): void {
    this.done(undefined);
  }

  place(): { name: string; offset: number } {
    return { name: this.head ? 'answer body' : 'answer head', offset: this.received.length };
  }
}

function readHead(text: string): Head {
  const [start = '', ...lines] = text.split('\r\n');
  const headers = new Headers(lines.map((line): [string, string] => {
    const colon = line.indexOf(':');
    return [line.slice(0, colon), line.slice(colon + 1).trim()];
  }));
  if (headers.has('transfer-encoding')) throw new Error(`an answer without a length: ${start}`);
  return { status: Number(start.split(' ')[1]), headers, length: Number(headers.get('content-length') ?? 0) };
}

/** `fetch` over connections that can be cut at every byte. Kept alive between requests, as browsers do. */
export function createFetch(network: Network): typeof fetch {
  const idle: Line[] = [];

  function take(owner: LineOwner): Line {
    for (let line = idle.pop(); line; line = idle.pop()) {
      if (!line.isUsable) continue;
      line.handTo(owner);
      return line;
    }
    return network.connect(owner);
  }

  return (input, init = {}) => new Promise((resolve, reject) => {
    const { method = 'GET', body, signal } = init;
    if (network.isOff) return reject(new TypeError('no network'));
    if (signal?.aborted) return reject(new TypeError('aborted'));
    const exchange = new Exchange((answer) => {
      if (!network.inFlight.delete(line)) return;
      signal?.removeEventListener('abort', abort);
      network.tell(`${answer?.status ?? 'no answer'} to ${method} ${input}`);
      if (!answer) return reject(new TypeError('the connection ended'));
      line.handTo({ hear: () => {}, over: () => {}, place: () => ({ name: 'between', offset: 0 }) });
      if (answer.headers.get('connection') !== 'close') idle.push(line);
      resolve(answer);
    });
    const line = take(exchange);
    const abort = () => {
      if (!network.inFlight.delete(line)) return;
      line.abandon();
      reject(new DOMException('aborted', 'AbortError'));
    };
    signal?.addEventListener('abort', abort);
    network.inFlight.set(line, { isLongPoll: String(input).includes('/changes?') });
    network.arm(line, 'http');
    network.tell(`${method} ${input} ${body ?? ''}`);
    const content = Buffer.from(typeof body === 'string' ? body : '');
    const { pathname, search } = new URL(String(input));
    const headers = [...new Headers(init.headers)].map(([name, value]) => `${name}: ${value}\r\n`).join('');
    const head = `${method} ${pathname}${search} HTTP/1.1\r\nhost: parlor\r\n${headers}content-length: ${content.length}\r\n\r\n`;
    line.send([{ name: 'request head', bytes: Buffer.from(head) }, { name: 'request body', bytes: content }]);
  });
}
