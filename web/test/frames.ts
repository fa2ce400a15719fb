import type { Page } from 'playwright-core';

/** How long a page took from one frame to the next, in milliseconds. */
export interface Frames {
  longest: number;
  count: number;
  /** Those that the browser itself calls long: over 50 ms of work. */
  long: number;
}

/** Notes each frame while something is done. */
export async function framesDuring(page: Page, act: () => Promise<void>): Promise<Frames> {
  await page.evaluate(() => {
    const noted = { gaps: [] as number[], long: 0, running: true };
    (window as unknown as { noted: typeof noted }).noted = noted;
    new PerformanceObserver((list) => (noted.long += list.getEntries().length)).observe({ type: 'long-animation-frame' });
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
    const { noted } = window as unknown as { noted: { gaps: number[]; long: number; running: boolean } };
    noted.running = false;
    return { longest: Math.max(...noted.gaps), count: noted.gaps.length, long: noted.long };
  });
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
