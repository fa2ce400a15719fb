import { ApolloProvider } from '@apollo/client/react';
import { DirectionProvider, MantineProvider, useDirection } from '@mantine/core';
import { Notifications } from '@mantine/notifications';
import { useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Router } from 'wouter';

import { ReplaceSession } from './auth/ReplaceSession.tsx';
import { SignIn } from './auth/SignIn.tsx';
import { useSession } from './auth/session.ts';
import type { Config } from './config.ts';
import { client } from './graphql/client.ts';
import { currentLanguage, directionOf } from './i18n/language.ts';
import { ErrorBoundary } from './shell/ErrorBoundary.tsx';
import { Shell } from './shell/Shell.tsx';
import { colorSchemes } from './shell/colors.ts';
import { resolver, theme } from './theme.ts';

export function App({ config }: { config: Config }) {
  return (
    <DirectionProvider initialDirection={directionOf(currentLanguage())}>
      <MantineProvider
        theme={theme}
        cssVariablesResolver={resolver}
        colorSchemeManager={colorSchemes}
        defaultColorScheme="auto"
      >
        <FollowLanguage />
        <ErrorBoundary>
          <ApolloProvider client={client}>
            <Router base="/console">
              <Door config={config} />
            </Router>
          </ApolloProvider>
        </ErrorBoundary>
      </MantineProvider>
    </DirectionProvider>
  );
}

/** Lets nobody in without a token; the address stays, so signing in leads back to the same place. */
function Door({ config }: { config: Config }) {
  const { token } = useSession();
  if (token === null) return <SignIn config={config} />;
  return (
    <>
      <Shell />
      <ReplaceSession />
    </>
  );
}

function FollowLanguage() {
  const { i18n } = useTranslation();
  const { dir, setDirection } = useDirection();
  const wanted = directionOf(currentLanguage());
  useEffect(() => {
    if (dir !== wanted) setDirection(wanted);
  }, [dir, wanted, setDirection, i18n.language]);
  return <Notifications position={wanted === 'rtl' ? 'bottom-left' : 'bottom-right'} limit={4} autoClose={6000} />;
}
