import { defineConfig } from 'vite';

import { thirdPartyLicenses } from './build/third-party-licenses.ts';
import { withoutFonts } from './build/without-fonts.ts';

// The explorer: one page, one script, one style sheet, under names that never
// change, so that the built files can be committed and embedded.
export default defineConfig({
  root: 'explorer',
  base: './',
  plugins: [withoutFonts(), thirdPartyLicenses('THIRD_PARTY_LICENSES.txt', 'explorer')],
  build: {
    outDir: '../dist/explorer',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: false,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" and its like mean something to server frameworks only.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
      output: {
        codeSplitting: false,
        entryFileNames: 'explorer.js',
        assetFileNames: 'explorer[extname]',
        postBanner: '/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */',
      },
    },
  },
  server: {
    // `npm run dev` shows the page with hot reload against a running backchannel.
    proxy: { '/graphql': process.env.BACKCHANNEL_URL ?? 'http://127.0.0.1:8080' },
  },
});
