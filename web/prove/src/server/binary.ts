import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { Server } from './server.js';

const run = promisify(execFile);
const READY = /listens on http:\/\/127\.0\.0\.1:(\d+)/;
/** Real time in which a server that is not busy has said all it had to say. */
const QUIET_MS = 3;
const TOKEN_TTL = '12h';

/** The binary as it is shipped, on SQLite, in its own time. Killing it is SIGKILL. */
export async function openBinary(binary: string): Promise<Server> {
  const data = await mkdtemp(join(tmpdir(), 'parlor-client-'));
  const server = new BinaryServer(binary, data);
  await server.start();
  return server;
}

class BinaryServer implements Server {
  readonly kind = 'binary';
  readonly beginMs = Date.now();
  port = 0;
  private child: ChildProcess | undefined;
  private readonly tokens = new Map<string, Promise<string>>();

  constructor(private readonly binary: string, private readonly data: string) {}

  get isUp(): boolean {
    return this.child !== undefined;
  }

  /** Made once for each person: they run out in the other histories. */
  token(role: string, sub: string): Promise<string> {
    const words = ['token', '--data', this.data, '--role', role, '--sub', sub, '--name', sub.toUpperCase(), '--ttl', TOKEN_TTL];
    const key = `${role} ${sub}`;
    const token = this.tokens.get(key) ?? run(this.binary, words, { cwd: this.data }).then(({ stdout }) => stdout.trim());
    this.tokens.set(key, token);
    return token;
  }

  async start(): Promise<void> {
    const words = ['serve', '--data', this.data, '--listen', '127.0.0.1:0', '--log', 'error'];
    const child = spawn(this.binary, words, { cwd: this.data, stdio: ['ignore', 'pipe', 'inherit'] });
    this.child = child;
    this.port = await new Promise((resolve, reject) => {
      let said = '';
      child.stdout.on('data', (text: Buffer) => {
        said += text.toString();
        const port = READY.exec(said)?.[1];
        if (port !== undefined) resolve(Number(port));
      });
      child.on('error', reject);
      child.on('exit', (code, signal) => reject(new Error(`${this.binary} ended with ${code ?? signal}`)));
    });
  }

  /** It has no backup to be restored from. */
  restore(): Promise<void> {
    return this.kill();
  }

  async kill(): Promise<void> {
    const { child } = this;
    this.child = undefined;
    if (!child) return;
    const gone = once(child, 'exit');
    child.kill('SIGKILL');
    await gone;
  }

  /** Its time is the machine's. */
  pass(): Promise<void> {
    return Promise.resolve();
  }

  quiet(): Promise<void> {
    return new Promise((resolve) => void setTimeout(resolve, QUIET_MS));
  }

  /** What it stored, it checks itself. */
  async close(): Promise<string | undefined> {
    await this.kill();
    const wrong = await run(this.binary, ['check', '--data', this.data], { cwd: this.data }).then(() => undefined, (error: Error) => error.message);
    await rm(this.data, { recursive: true, force: true });
    return wrong;
  }
}
