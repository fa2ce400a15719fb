import { localStorageColorSchemeManager, type MantineColorScheme } from '@mantine/core';

const KEY = 'backchannel:colours';

export const colorSchemes = localStorageColorSchemeManager({ key: KEY });

/** Sets the colours before React draws, so that a dark page never flashes white. */
export function showStoredColors(): void {
  const stored = colorSchemes.get('auto') as MantineColorScheme;
  const dark = stored === 'dark' || (stored === 'auto' && matchMedia('(prefers-color-scheme: dark)').matches);
  document.documentElement.setAttribute('data-mantine-color-scheme', dark ? 'dark' : 'light');
}
