import { execFile, spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);

export interface ServerOptions {
  /** With the demo's funnel, conversations and visitor page, in its workspace `demo`; otherwise an empty `default`. */
  demo?: boolean;
  /** Read into the workspace before the server starts. */
  conversations?: readonly object[];
  /** The same from a file. */
  file?: string;
}

export interface Person {
  role: 'visitor' | 'agent' | 'admin' | 'service';
  sub: string;
  name?: string;
}

/** The real server on a data directory and a port of its own. Both stay the same when it starts again. */
export class ParlorServer {
  private process: ChildProcess | undefined;
  /** The sign-in link that the last start printed, until somebody takes it. */
  private printedLink: string | undefined;

  private constructor(
    private readonly directory: string,
    private readonly port: number,
    private readonly isDemo: boolean,
  ) {}

  static async start({ demo = true, conversations, file }: ServerOptions = {}): Promise<ParlorServer> {
    const directory = await mkdtemp(join(tmpdir(), 'parlor-e2e-'));
    const server = new ParlorServer(directory, await freePort(), demo);
    try {
      if (conversations !== undefined) await server.import(conversations);
      if (file !== undefined) await server.importFile(file);
      await server.start();
    } catch (error) {
      await server.remove();
      throw error;
    }
    return server;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}`;
  }

  async start(): Promise<void> {
    const listen = ['--listen', `127.0.0.1:${this.port}`, '--data', this.data];
    const args = ['serve', ...listen, '--log', 'warn', ...(this.isDemo ? ['--demo'] : [])];
    const started = spawn(binary, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    this.process = started;
    const said: string[] = [];
    started.stderr.on('data', (chunk: Buffer) => said.push(chunk.toString()));
    await new Promise<void>((resolve, reject) => {
      started.once('error', reject);
      started.once('exit', () => reject(new Error(`parlor serve ended at once:\n${said.join('\n')}`)));
      createInterface(started.stdout).on('line', (line) => {
        said.push(line);
        const link = /^Console, one click: (\S+)/.exec(line)?.[1];
        this.printedLink = link ?? this.printedLink;
        // From here on requests are answered, if only after a moment.
        if (this.isDemo ? link !== undefined : line.startsWith('Parlor listens on')) resolve();
      });
    });
  }

  /** Ends it, with notice (`SIGTERM`) or without, and waits until it is gone. Answers with its exit code. */
  async stop(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<number | null> {
    const running = this.process;
    this.process = undefined;
    if (running === undefined || running.exitCode !== null || running.signalCode !== null) return running?.exitCode ?? null;
    const exit = once(running, 'exit');
    running.kill(signal);
    await exit;
    return running.exitCode;
  }

  /**
   * Starts it again so long before the moment at which it last knew the time, as after a while in which somebody set the
   * machine's clock back. The database is the server's own file: only while it does not run.
   */
  async restartBefore(ms: number): Promise<void> {
    await this.stop();
    const script = 'import sqlite3, sys; db = sqlite3.connect(sys.argv[1]); db.execute("UPDATE clock SET wall_ms = ?", [int(sys.argv[2])]); db.commit(); db.close()';
    await run('python3', ['-c', script, join(this.data, 'parlor.db'), String(Date.now() + ms)]);
    await this.start();
  }

  /** Says on the server's machine that its clock is right. */
  async goOn(): Promise<void> {
    await this.command('clock', 'go-on', '--data', this.data);
  }

  async remove(): Promise<void> {
    await this.stop('SIGKILL');
    await rm(this.directory, { recursive: true, force: true });
  }

  /** A sign-in link for Ada: the one the start printed if it is unused, as a newcomer would take it. */
  async link(): Promise<string> {
    const printed = this.printedLink;
    this.printedLink = undefined;
    return printed ?? this.newLink({ sub: 'ada', name: 'Ada' });
  }

  newLink({ sub, name }: { sub: string; name: string }): Promise<string> {
    return this.command('link', '--url', this.url, '--sub', sub, '--name', name, ...this.place);
  }

  token({ role, sub, name = sub }: Person): Promise<string> {
    return this.command('token', '--role', role, '--sub', sub, '--name', name, ...this.place);
  }

  /** Asks the API as somebody. */
  async api<T>(by: Person, method: string, path: string, body?: unknown): Promise<T> {
    const answer = await fetch(`${this.url}/api/live-chat${path}`, {
      method,
      headers: { Authorization: `Bearer ${await this.token(by)}`, 'Content-Type': 'application/json' },
      ...(body !== undefined && { body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`);
    return (await answer.json()) as T;
  }

  private async import(conversations: readonly object[]): Promise<void> {
    const file = join(this.directory, 'import.jsonl');
    await writeFile(file, conversations.map((conversation) => `${JSON.stringify(conversation)}\n`).join(''));
    await this.importFile(file);
  }

  private async importFile(file: string): Promise<void> {
    await this.command('import', file, ...this.place);
  }

  private async command(...args: string[]): Promise<string> {
    return (await run(binary, args)).stdout.trim();
  }

  private get data(): string {
    return join(this.directory, 'data');
  }

  private get place(): string[] {
    return ['--data', this.data, '--workspace', this.isDemo ? 'demo' : 'default'];
  }
}

/** The server under test: the one that is named, or what `cargo test` left here. */
const binary = process.env['PARLOR_BIN'] ?? fileURLToPath(new URL('../../../target/debug/parlor', import.meta.url));

/** Below the range that the system hands out by itself, so that nobody takes it while the server is down. */
async function freePort(): Promise<number> {
  for (;;) {
    const port = 20_000 + Math.floor(Math.random() * 12_000);
    const probe = createServer();
    const isFree = await new Promise<boolean>((resolve) => {
      probe.once('error', () => resolve(false));
      probe.listen(port, '127.0.0.1', () => resolve(true));
    });
    if (!isFree) continue;
    probe.close();
    await once(probe, 'close');
    return port;
  }
}
