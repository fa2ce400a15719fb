import { defineConfig } from 'vite';

import { stylesLast } from './build/styles-last.ts';
import { thirdPartyLicenses } from './build/third-party-licenses.ts';
import { withoutFonts } from './build/without-fonts.ts';

const EXPLORER =
  /node_modules\/(graphiql|@graphiql|codemirror|codemirror-graphql|graphql-language-service|@radix-ui|@headlessui|markdown-it|vscode-languageserver-types|graphql\/(validation|utilities|type|execution))\//;

// What several screens share, and the page around them does without.
const SCREENS =
  /console\/(screens\/(?!routes)|media\/upload)|@tanstack|@mantine\/core\/esm\/components\/(Select|MultiSelect|NativeSelect|Combobox|Pill|PillsInput|Checkbox|Radio|Progress|SegmentedControl|FileButton|CopyButton)\//;

// The texts of all screens come with the language.
const isOfScreens = (id: string) => SCREENS.test(id) && !/\/(en|ar)\.ts$/.test(id);

const server = process.env.BACKCHANNEL_URL ?? 'http://127.0.0.1:8080';

// The console: one page with a script and a style sheet for the shell, and one
// of each for every screen, under names that never change, so that the built
// files can be committed and embedded.
export default defineConfig({
  root: 'console',
  base: '/console/',
  plugins: [withoutFonts(), stylesLast(), thirdPartyLicenses('THIRD_PARTY_LICENSES.txt', 'console')],
  // Names of classes that depend on nothing but the file's name.
  css: { modules: { generateScopedName: '[name]-[local]' } },
  build: {
    outDir: '../dist/console',
    emptyOutDir: true,
    target: 'es2022',
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1500,
    rolldownOptions: {
      onLog(level, log, report) {
        // "use client" and its like mean something to server frameworks only.
        if (log.code !== 'MODULE_LEVEL_DIRECTIVE') report(level, log);
      },
      output: {
        entryFileNames: 'console.js',
        chunkFileNames: '[name].js',
        assetFileNames: ({ names }) => (names.includes('index.css') ? 'console.css' : '[name][extname]'),
        // What two chunks share goes to one file with a name of its own; else the
        // bundler names it after some module in it.
        // The explorer's many parts are one file, which nobody else is to load.
        codeSplitting: {
          groups: [
            { name: 'shared', minShareCount: 2, priority: 2, test: (id) => !EXPLORER.test(id) && !isOfScreens(id) },
            { name: 'screens', minShareCount: 2, priority: 2, test: isOfScreens },
            { name: 'graphiql', priority: 1, test: EXPLORER },
          ],
        },
        postBanner: '/*! Licences of the bundled packages: THIRD_PARTY_LICENSES.txt */',
      },
    },
  },
  server: {
    // `npm run dev` shows the page with hot reload against a running backchannel.
    proxy: {
      '/graphql': { target: server, ws: true },
      '/media': server,
      '/users/preview': server,
      '/readyz': server,
      '/console/config.json': server,
    },
  },
});
