import { createRoot } from 'react-dom/client';

// In a layer: then ours win, in whatever order the chunks bring them.
import '@mantine/core/styles.layer.css';
import '@mantine/notifications/styles.layer.css';
import '@mantine/spotlight/styles.layer.css';
import './console.css';
import { App } from './App.tsx';
import { session } from './auth/session.ts';
import { isIssuerKept } from './auth/token.ts';
import { loadConfig, type Config } from './config.ts';
import { startLanguage } from './i18n/language.ts';
import { showStoredColors } from './shell/colors.ts';
import { boundPictures, showPicturesFrom } from './media/pictures.ts';
import { preload } from './shell/pages.ts';
import './shell/stepBack.ts';

// Before anything is drawn: the token must not stand in the address bar.
session.takeFromAddress();
showStoredColors();

async function resume(oidc: NonNullable<Config['oidc']>): Promise<void> {
  const { knownIssuer } = await import('./auth/oidc.ts');
  const issuer = await knownIssuer(oidc);
  if (issuer !== undefined) await session.resume(issuer);
}

const root = document.getElementById('root');
if (root === null) throw new Error('index.html has no #root');
const screen = session.state.token === null ? undefined : preload(location.pathname.replace(/^\/console/, ''));
const [config] = await Promise.all([loadConfig(), startLanguage(), screen]);
if (config.oidc !== undefined && isIssuerKept()) await resume(config.oidc).catch(() => undefined); // Then the session lasts as long as the token.
showPicturesFrom(config.picturesFrom);
boundPictures(config.pictures);
createRoot(root).render(<App config={config} />);
