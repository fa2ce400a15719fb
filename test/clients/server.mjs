// Starts the built binary for the length of a test file, as an operator would.
import { execFileSync, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const binary = process.env.BACKCHANNEL_BIN ?? fileURLToPath(new URL('../../bin/backchannel', import.meta.url));
const patience = 30_000; // milliseconds, for the server to start, to end, or to log something

// The caller's own settings, such as a database, must not reach the server under test.
const env = Object.fromEntries(Object.entries(process.env).filter(([name]) => !name.startsWith('BACKCHANNEL_')));

/**
 * Runs `serve --dev` on a free port, with data in a temporary folder.
 *
 * - url: the GraphQL endpoint, and token: a token with the role BO, both as the
 *   server prints them
 * - secret: what tokens are signed with, and database: the SQLite file
 * - mint('--sub', 'ann', …): a token by the binary's own command
 * - importUsers([{ id, name, role }]): by the binary's own command
 * - log.entry(matches): the first line of the log that matches, once it is there
 * - stop(): ends the server and removes its data
 */
export async function startServer(...flags) {
  if (!existsSync(binary)) throw new Error(`There is no ${binary}: run \`make build\`, or set BACKCHANNEL_BIN.`);
  const data = mkdtempSync(join(tmpdir(), 'backchannel-'));
  const args = ['serve', '--dev', '--addr', '127.0.0.1:0', '--data', data, '--log-format', 'json', ...flags];
  const child = spawn(binary, args, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = readLog(child);
  const kill = () => child.kill('SIGKILL');
  process.once('exit', kill); // of a test run that is broken off
  const run = (...words) => execFileSync(binary, [...words, '--data', data], { encoding: 'utf8', env });
  const stop = async () => {
    await end(child);
    process.removeListener('exit', kill);
    rmSync(data, { recursive: true, force: true });
  };
  try {
    const { url, token } = await readWelcome(child, log);
    return {
      url,
      token,
      secret: readFileSync(join(data, 'jwt-secret'), 'utf8').trim(),
      database: join(data, 'backchannel.db'),
      log,
      mint: (...words) => run('token', ...words).trim(),
      importUsers: (users) => {
        const file = join(data, 'import.json');
        writeFileSync(file, JSON.stringify(users));
        run('users', 'import', file);
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Resolves to the URL and the token that the server prints when it is ready. */
function readWelcome(child, log) {
  return new Promise((resolve, reject) => {
    let printed = '';
    const fail = (why) => reject(new Error(`${why}; it printed:\n${printed}\nand logged:\n${log.text()}`));
    const timer = setTimeout(() => fail('the server did not start in time'), patience);
    child.stdout.setEncoding('utf8').on('data', (chunk) => {
      printed += chunk;
      const url = printed.match(/http:\/\/127\.0\.0\.1:\d+\/graphql\b/)?.[0];
      const token = printed.match(/BO token\s+(\S+)\s/)?.[1];
      if (url && token) {
        clearTimeout(timer);
        resolve({ url, token });
      }
    });
    child.once('error', (error) => {
      clearTimeout(timer);
      fail(error.message);
    });
    child.once('exit', (code) => {
      clearTimeout(timer);
      fail(`the server ended with ${code}`);
    });
  });
}

/** Keeps the lines that the server logs. */
function readLog(child) {
  const lines = [];
  const waiting = new Set();
  createInterface({ input: child.stderr }).on('line', (line) => {
    lines.push(line);
    for (const look of waiting) look();
  });
  const find = (matches) => lines.map(parse).find((entry) => entry && matches(entry));
  return {
    text: () => lines.join('\n'),
    entry: (matches) =>
      new Promise((resolve, reject) => {
        const settle = (act) => {
          waiting.delete(look);
          clearTimeout(timer);
          act();
        };
        const look = () => {
          const entry = find(matches);
          if (entry) settle(() => resolve(entry));
        };
        const timer = setTimeout(
          () => settle(() => reject(new Error(`no such line in the log:\n${lines.join('\n')}`))),
          patience,
        );
        waiting.add(look);
        look();
      }),
  };
}

function parse(line) {
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

/** Asks the server to end, and makes it where it doesn't. */
function end(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), patience);
    child.once('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
