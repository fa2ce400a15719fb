import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createHmac } from 'node:crypto';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('../../', import.meta.url));
const program = process.env['BACKCHANNEL_BIN'] ?? join(root, 'bin/backchannel');
const SECRET = 'the tests sign their tokens with this secret';
const START_TIME = 15_000;

/** A token as the CRM makes it; without claims, one of a clerk, for an hour. */
export function mint(claims: Record<string, unknown> = {}): string {
  const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const expires = Math.floor(Date.now() / 1000) + 3600;
  const all = { sub: 'clerk', name: 'Clara Clerk', roles: ['BO'], exp: expires, ...claims };
  const signed = `${part({ alg: 'HS256', typ: 'JWT' })}.${part(all)}`;
  return `${signed}.${createHmac('sha256', SECRET).update(signed).digest('base64url')}`;
}

/** The real program on a free port, with a folder of its own. */
export class Server {
  readonly url: string;
  readonly #data = mkdtempSync(join(tmpdir(), 'backchannel-e2e-'));
  readonly #arguments: string[];
  #process: ChildProcess | undefined;
  /** What it has written: the welcome with --dev. */
  printed = '';

  private constructor(
    readonly port: number,
    flags: string[],
  ) {
    this.url = `http://127.0.0.1:${port}`;
    this.#arguments = ['serve', '--addr', `127.0.0.1:${port}`, '--data', this.#data, '--jwt-secret', SECRET, '--jwt-leeway', '0s', ...flags];
  }

  static async start(...flags: string[]): Promise<Server> {
    if (!existsSync(program)) throw new Error(`${program} is missing: run "make build"`);
    const server = new Server(await freePort(), flags);
    await server.begin();
    await server.#isOfThisBuild();
    return server;
  }

  /** Another command of the program on a free port, e.g. emulate; it ends with the tests that close it. */
  static async emulator(): Promise<{ url: string; close(): void }> {
    const port = await freePort();
    const child = spawn(program, ['emulate', '--addr', `127.0.0.1:${port}`], { stdio: 'ignore' });
    const url = `http://127.0.0.1:${port}`;
    for (const end = Date.now() + START_TIME; Date.now() < end; await pause(50)) {
      if (await fetch(url).then(() => true, () => false)) return { url, close: () => void child.kill('SIGKILL') };
    }
    child.kill('SIGKILL');
    throw new Error('the emulator did not start');
  }

  /** Starts it, or starts it again on the same data and port, perhaps with other flags. */
  async begin(...flags: string[]): Promise<void> {
    const child = spawn(program, [...this.#arguments, ...flags], { stdio: ['ignore', 'pipe', 'pipe'] });
    this.#process = child;
    let log = '';
    child.stdout?.on('data', (text) => (this.printed += text));
    child.stderr?.on('data', (text) => (log += text));
    for (const end = Date.now() + START_TIME; Date.now() < end; await pause(50)) {
      if (child.exitCode !== null) break;
      const ready = await fetch(`${this.url}/readyz`).then((response) => response.ok, () => false);
      if (ready) return;
    }
    throw new Error(`the server did not start:\n${log}`);
  }

  /** Ends it as a power cut does. */
  async kill(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const ended = new Promise((resolve) => child.once('exit', resolve));
    child.kill('SIGKILL');
    await ended;
  }

  /** Ends it for good, with its data. */
  async close(): Promise<void> {
    await this.kill();
    rmSync(this.#data, { recursive: true, force: true });
  }

  /** The names of all that was uploaded or is on its way. */
  files(): string[] {
    return ['media', 'incoming'].flatMap((folder) => {
      const path = join(this.#data, folder);
      return existsSync(path) ? readdirSync(path).sort() : [];
    });
  }

  /** Asks the API as a clerk, or with another token; an error fails the test. */
  async ask<T = Record<string, unknown>>(query: string, variables: object = {}, token = mint()): Promise<T> {
    const response = await fetch(`${this.url}/graphql`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', Authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    });
    const answer = (await response.json()) as { data: T; errors?: unknown };
    if (answer.errors !== undefined) throw new Error(JSON.stringify(answer.errors));
    return answer.data;
  }

  // A program built before the pages were would make these tests say nothing.
  async #isOfThisBuild(): Promise<void> {
    const served = await (await fetch(`${this.url}/console/console.js`)).text();
    if (served !== readFileSync(join(root, 'web/dist/console/console.js'), 'utf8')) {
      await this.close();
      throw new Error(`${program} holds other pages than web/dist: run "make build"`);
    }
  }
}

export const pause = (milliseconds: number) => new Promise((resolve) => setTimeout(resolve, milliseconds));

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no free port');
  return address.port;
}
