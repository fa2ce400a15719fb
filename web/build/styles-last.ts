import type { Plugin } from 'vite';

/** Puts style sheets behind what the page shows first: in the head they would keep it from being drawn until they are there. */
export function stylesLast(): Plugin {
  return {
    name: 'styles-last',
    transformIndexHtml: {
      order: 'post',
      handler(html) {
        const sheets: string[] = [];
        const without = html.replace(/\s*<link rel="stylesheet"[^>]*>/g, (link) => {
          sheets.push(link.trim());
          return '';
        });
        return without.replace('    <noscript>', `    ${sheets.join('\n    ')}\n    <noscript>`);
      },
    },
  };
}
