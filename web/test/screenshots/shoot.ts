import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import type { Browser, Page } from 'playwright-core';

import { NARROW, Visit, WIDE } from '../browser.ts';
import type { Server } from '../server.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const elsewhere = process.env['BACKCHANNEL_SHOTS'];
const folder = elsewhere ?? `${root}docs/screenshots`;

const pages = ['README.md', ...readdirSync(`${root}docs`).filter((file) => file.endsWith('.md')).map((file) => `docs/${file}`)];
const shown = pages.map((file) => readFileSync(root + file, 'utf8')).join('\n');
/** In docs/screenshots lies only what a page shows. */
const isWanted = (name: string) => elsewhere !== undefined || shown.includes(`screenshots/${name}.png`);

const LOOKS = [
  { look: 'light', colorScheme: 'light', viewport: WIDE },
  { look: 'dark', colorScheme: 'dark', viewport: WIDE },
  { look: 'narrow', colorScheme: 'light', viewport: NARROW },
] as const;

interface Shot {
  signedIn?: boolean;
  locale?: string;
  /** Brings the page into the state that is to be seen. */
  before?: (page: Page) => Promise<unknown>;
}

/** Writes <name>-light.png, -dark.png and -narrow.png of a place, as far as they are shown. */
export async function shoot(browser: Browser, server: Server, name: string, place: string, shot: Shot = {}): Promise<void> {
  for (const { look, ...options } of LOOKS) {
    if (!isWanted(`${name}-${look}`)) continue;
    const visit = await Visit.open(browser, server, { ...options, locale: shot.locale ?? 'en-GB' });
    if (shot.signedIn === false) await visit.go(place);
    else await visit.signIn(place);
    await visit.page.locator('[data-loading]').waitFor({ state: 'detached' });
    await visit.page.waitForLoadState('networkidle');
    await shot.before?.(visit.page);
    await visit.page.screenshot({ path: `${folder}/${name}-${look}.png`, animations: 'disabled', caret: 'hide' });
    await visit.close();
  }
}
