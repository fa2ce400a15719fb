// Starts the built binary for the length of a test file, as an operator would.
import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const startTimeout = 30_000;
const stopTimeout = 10_000;
const graphqlURL = /http:\/\/127\.0\.0\.1:\d+\/graphql/;

/**
 * Runs `serve --dev` on a free port with data in a temporary folder.
 *
 * @returns {Promise<{url: string, data: string, token: Function, stop: Function}>}
 *   url is the GraphQL endpoint; token(sub, ...flags) mints a token, with the
 *   role BO unless the flags say otherwise; stop ends the server and removes its
 *   data.
 */
export async function startServer(...flags) {
  const binary = process.env.BACKCHANNEL_BIN;
  if (!binary) {
    throw new Error('Set BACKCHANNEL_BIN to the backchannel binary; `make test` does.');
  }
  const data = await mkdtemp(join(tmpdir(), 'backchannel-'));
  const child = spawn(binary, ['serve', '--dev', '--addr', '127.0.0.1:0', '--data', data, ...flags], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const remove = () => rm(data, { recursive: true, force: true });
  try {
    const url = await findURL(child);
    return { url, data, token: minter(binary, data), stop: () => stop(child).then(remove) };
  } catch (error) {
    await stop(child);
    await remove();
    throw error;
  }
}

/** Resolves to the GraphQL URL that the server prints, wherever it prints it. */
function findURL(child) {
  return new Promise((resolve, reject) => {
    let printed = '';
    const fail = (why) => reject(new Error(`${why}; the server printed:\n${printed}`));
    const timer = setTimeout(() => fail('no GraphQL URL in time'), startTimeout);
    const read = (chunk) => {
      printed += chunk;
      const found = printed.match(graphqlURL);
      if (found) {
        clearTimeout(timer);
        resolve(found[0]);
      }
    };
    child.stdout.setEncoding('utf8').on('data', read);
    child.stderr.setEncoding('utf8').on('data', read);
    child.on('error', (error) => fail(error.message));
    child.on('exit', (code) => fail(`the server ended with ${code}`));
  });
}

/** Makes tokens with the binary's own command, under the server's secret. */
function minter(binary, data) {
  return async (sub, ...flags) => {
    const role = flags.includes('--role') ? [] : ['--role', 'BO'];
    const { stdout } = await promisify(execFile)(binary, ['token', '--sub', sub, ...role, '--data', data, ...flags]);
    return stdout.trim();
  };
}

/** Asks the server to end, and makes it where it doesn't. */
function stop(child) {
  return new Promise((resolve) => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) {
      resolve();
      return;
    }
    const timer = setTimeout(() => child.kill('SIGKILL'), stopTimeout);
    child.on('exit', () => {
      clearTimeout(timer);
      resolve();
    });
    child.kill('SIGTERM');
  });
}
