import type { Browser, Page } from 'playwright-core';

/** What a page did while something was done with it. */
export interface Frames {
  /** The longest time from one frame to the next, in milliseconds. */
  longest: number;
  count: number;
}

/** Notes each frame while something is done. */
export async function framesDuring(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const noted = { gaps: [] as number[], running: true };
    (window as unknown as { noted: typeof noted }).noted = noted;
    let before = performance.now();
    const note = (now: number) => {
      noted.gaps.push(now - before);
      before = now;
      if (noted.running) requestAnimationFrame(note);
    };
    requestAnimationFrame((now) => {
      before = now;
      requestAnimationFrame(note);
    });
  });
  await act();
  return page.evaluate(() => {
    const { noted } = window as unknown as { noted: { gaps: number[]; running: boolean } };
    noted.running = false;
    return { longest: Math.max(...noted.gaps), count: noted.gaps.length };
  });
}

interface TraceEvent {
  ph: string;
  name: string;
  pid: number;
  tid: number;
  /** Microseconds that the thread ran, without those it waited for a processor. */
  tdur?: number;
  args: { name?: string };
}

/**
 * The longest task of the page's main thread in milliseconds of processor time,
 * which is the same however busy the machine is.
 */
export async function longestTaskDuring(browser: Browser, page: Page, act: () => Promise<void>): Promise<number> {
  await browser.startTracing(page, { categories: ['toplevel'] });
  await act();
  const { traceEvents } = JSON.parse((await browser.stopTracing()).toString()) as { traceEvents: TraceEvent[] };
  const mains = new Set(traceEvents.filter(({ name, args }) => name === 'thread_name' && args.name === 'CrRendererMain').map(({ pid, tid }) => `${pid} ${tid}`));
  const tasks = traceEvents.filter(({ ph, name, pid, tid, tdur }) => ph === 'X' && name.endsWith('RunTask') && tdur !== undefined && mains.has(`${pid} ${tid}`));
  if (tasks.length === 0) throw new Error('the trace has no task of the page');
  return Math.max(...tasks.map(({ tdur = 0 }) => tdur)) / 1000;
}

/** Scrolls a list to its end and back as a wheel that is turned quickly does. */
export async function scrollThrough(page: Page, label: RegExp, steps = 60): Promise<void> {
  const grid = page.getByRole('grid', { name: label });
  const box = await grid.boundingBox();
  if (box === null) throw new Error('there is no list');
  await page.mouse.move(box.x + box.width / 2, box.y + box.height / 2);
  for (const direction of [1, -1]) {
    for (let step = 0; step < steps; step++) await page.mouse.wheel(0, direction * 1_200);
  }
  // And jumps, as somebody who drags the bar.
  for (const part of [0.3, 0.9, 0.1, 1, 0]) {
    await grid.evaluate((element, part) => (element.scrollTop = part * element.scrollHeight), part);
    await page.waitForTimeout(30);
  }
}
