import { lazy, type ComponentType } from 'react';

import { HOME, SCREENS, type ScreenRoute } from '../screens/routes.ts';
import { CodeMissing } from './codeMissing.ts';

/**
 * A screen as React draws it. `load` fetches its code ahead of time: React shows
 * what stands in for code that isn't there for 300 ms at least, however soon it comes.
 */
export const PAGES = SCREENS.map((screen) => ({ ...screen, ...withCode(screen) }));

/** Fetches the code of the screen at this place, below /console; where it fails, the screen says so when it is drawn. */
export async function preload(place: string): Promise<void> {
  const path = place === '/' || place === '' ? HOME : place;
  const page = PAGES.find((screen) => new RegExp(`^${screen.path.replace(/:\w+/g, '[^/]+')}/?$`).test(path));
  await page?.load().catch(() => undefined);
}

function withCode({ load: fetchCode }: ScreenRoute) {
  type Code = { default: ComponentType };
  let here: Code | undefined;
  const load = async (): Promise<Code> => {
    try {
      return (here ??= await fetchCode());
    } catch (error) {
      throw new CodeMissing(String(error), { cause: error });
    }
  };
  // What answers within `then` is drawn without a pause; a promise never does.
  const atOnce = (code: Code) => ({ then: (draw: (code: Code) => void) => draw(code) }) as Promise<Code>;
  return { load, Page: lazy(() => (here === undefined ? load() : atOnce(here))) };
}
