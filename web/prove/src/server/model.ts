import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';
import type { Server } from './server.js';

/** 2026-01-01T00:00:00Z, where every model begins. */
const BEGIN_MS = 1_767_225_600_000;

export interface Models {
  open(): Promise<Server>;
  end(): void;
}

/** The process that serves the core's model (crates/parlor/examples/model). */
export function startModels(binary: string): Models {
  const child = spawn(binary, [], { stdio: ['pipe', 'pipe', 'inherit'] });
  const waiting = new Map<number, { resolve: (answer: string) => void; reject: (error: Error) => void }>();
  let last = 0;
  const ended = () => {
    for (const { reject } of waiting.values()) reject(new Error('the model has ended'));
    waiting.clear();
  };
  child.on('exit', ended);
  child.on('error', (error) => (process.stderr.write(`${binary}: ${error.message}\n`), ended()));
  createInterface({ input: child.stdout }).on('line', (line) => {
    const space = line.indexOf(' ');
    const number = Number(line.slice(0, space));
    const answer = line.slice(space + 1);
    const { resolve, reject } = waiting.get(number) ?? {};
    waiting.delete(number);
    if (answer.startsWith('error ')) reject?.(new Error(`model: ${answer.slice(6)}`));
    else resolve?.(answer);
  });

  function order(text: string): Promise<string> {
    const number = ++last;
    return new Promise((resolve, reject) => {
      waiting.set(number, { resolve, reject });
      child.stdin.write(`${number} ${text}\n`);
    });
  }

  return {
    async open() {
      const [id = '', address = ''] = (await order('open')).split(' ');
      return new ModelServer(order, id, portOf(address));
    },
    end: () => child.stdin.end(),
  };
}

const portOf = (address: string) => Number(address.slice(address.lastIndexOf(':') + 1));

class ModelServer implements Server {
  readonly kind = 'model';
  readonly beginMs = BEGIN_MS;
  isUp = true;

  constructor(private readonly order: (text: string) => Promise<string>, private readonly id: string, public port: number) {}

  token(role: string, sub: string, ttlS: number): Promise<string> {
    return this.order(`token ${this.id} ${role} ${sub} ${ttlS}`);
  }

  async kill(): Promise<void> {
    this.isUp = false;
    await this.order(`stop ${this.id}`);
  }

  async restore(): Promise<void> {
    this.isUp = false;
    await this.order(`restore ${this.id}`);
  }

  async start(): Promise<void> {
    this.port = portOf(await this.order(`start ${this.id}`));
    this.isUp = true;
  }

  async pass(ms: number): Promise<void> {
    await this.order(`pass ${this.id} ${Math.round(ms)}`);
  }

  async quiet(): Promise<void> {
    if (this.isUp) await this.order(`quiet ${this.id}`);
  }

  async close(): Promise<undefined> {
    await this.order(`close ${this.id}`);
  }
}
