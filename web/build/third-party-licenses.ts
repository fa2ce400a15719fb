import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Plugin } from 'vite';

interface Manifest {
  name?: string;
  version?: string;
  license?: string;
  author?: string | { name?: string };
  homepage?: string;
  repository?: string | { url?: string };
}

// For the few packages that say "MIT" and bring no text along. The Unlicense asks for none.
const MIT_TEXT = `Permission is hereby granted, free of charge, to any person obtaining a copy
of this software and associated documentation files (the "Software"), to deal
in the Software without restriction, including without limitation the rights
to use, copy, modify, merge, publish, distribute, sublicense, and/or sell
copies of the Software, and to permit persons to whom the Software is
furnished to do so, subject to the following conditions:

The above copyright notice and this permission notice shall be included in all
copies or substantial portions of the Software.

THE SOFTWARE IS PROVIDED "AS IS", WITHOUT WARRANTY OF ANY KIND, EXPRESS OR
IMPLIED, INCLUDING BUT NOT LIMITED TO THE WARRANTIES OF MERCHANTABILITY,
FITNESS FOR A PARTICULAR PURPOSE AND NONINFRINGEMENT. IN NO EVENT SHALL THE
AUTHORS OR COPYRIGHT HOLDERS BE LIABLE FOR ANY CLAIM, DAMAGES OR OTHER
LIABILITY, WHETHER IN AN ACTION OF CONTRACT, TORT OR OTHERWISE, ARISING FROM,
OUT OF OR IN CONNECTION WITH THE SOFTWARE OR THE USE OR OTHER DEALINGS IN THE
SOFTWARE.`;

/**
 * Emits a text file with the name, version and licence of each npm package of
 * which the bundle contains code. The build fails where a package names none.
 */
export function thirdPartyLicenses(fileName: string, page: string): Plugin {
  return {
    name: 'third-party-licenses',
    apply: 'build',
    generateBundle(_options, bundle) {
      const folders = new Set<string>();
      for (const output of Object.values(bundle)) {
        if (output.type !== 'chunk') continue;
        for (const id of output.moduleIds) {
          const folder = packageFolder(id);
          if (folder !== undefined) folders.add(folder);
        }
      }
      const notices = [...folders].map(notice).sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
      const head =
        `The Backchannel ${page} contains code of the npm packages below, each under its own licence.\n`;
      this.emitFile({ type: 'asset', fileName, source: [head, ...notices].join(`\n${'-'.repeat(72)}\n\n`) });
    },
  };
}

/** The nearest folder above a module with a package.json that has a name and a version. */
function packageFolder(id: string): string | undefined {
  const path = id.replace(/^\0+/, '').replace(/\?.*$/, '');
  if (!path.includes('/node_modules/')) return undefined;
  for (let folder = dirname(path); folder.includes('/node_modules/'); folder = dirname(folder)) {
    if (!existsSync(join(folder, 'package.json'))) continue;
    const { name, version } = manifestOf(folder);
    if (name !== undefined && version !== undefined) return folder;
  }
  throw new Error(`no package.json above ${path}`);
}

function manifestOf(folder: string): Manifest {
  return JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as Manifest;
}

function notice(folder: string): string {
  const { name, version, license, author, homepage, repository } = manifestOf(folder);
  const files = readdirSync(folder)
    .filter((file) => /^(licen[cs]e|copying|notice)/i.test(file))
    .sort();
  if (files.length === 0 && !(license === 'MIT' || license === 'Unlicense')) throw new Error(`${name} brings no licence text`);
  const by = typeof author === 'string' ? author : author?.name;
  const home = homepage ?? (typeof repository === 'string' ? repository : repository?.url);
  const lines = [`${name} ${version}`, `Licence: ${license ?? 'see below'}`];
  if (by) lines.push(`Author: ${by}`);
  if (home) lines.push(`Home: ${home}`);
  const texts = files.map((file) => readFileSync(join(folder, file), 'utf8').replace(/\r\n/g, '\n').trim());
  if (texts.length === 0 && license === 'MIT') texts.push(`Copyright (c) ${by ?? `the authors of ${name}`}\n\n${MIT_TEXT}`);
  return `${[lines.join('\n'), ...texts].join('\n\n')}\n`;
}
