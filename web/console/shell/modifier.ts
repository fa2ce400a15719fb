/** The key that is held down for shortcuts, as keyboards have it written on them. */
export const modifier = /Mac|iPhone|iPad/.test(navigator.userAgent) ? '⌘' : 'Ctrl';
