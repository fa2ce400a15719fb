import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useState } from 'react';

import { createFetcher } from './fetcher.ts';
import { storage } from '../shared/storage.ts';
import { exampleTabs } from './tabs.ts';
import { keepToken, keptToken, readHolder, takeTokenFromAddress } from '../shared/token.ts';
import { TokenBar } from './TokenBar.tsx';

// Relative to /explorer/, so that the pair may live under any prefix.
const ENDPOINT = '../graphql';

export function App() {
  const [token, setToken] = useState(keptToken);
  const fetcher = useMemo(() => createFetcher(ENDPOINT, token), [token]);
  const [tabs] = useState(() => exampleTabs((token && readHolder(token)?.id) || 'user1'));

  // A second link with a token, opened in this tab, changes only the fragment.
  useEffect(() => {
    const onHashChange = () => {
      if (takeTokenFromAddress()) setToken(keptToken());
    };
    window.addEventListener('hashchange', onHashChange);
    return () => window.removeEventListener('hashchange', onHashChange);
  }, []);

  const signIn = (text: string) => {
    keepToken(text);
    setToken(keptToken());
  };

  // Answers and drafts may quote customers: they leave with the token.
  const signOut = () => {
    storage.clearAll();
    location.reload();
  };

  return (
    <>
      <TokenBar token={token} onSignIn={signIn} onSignOut={signOut} />
      <main className="bc-main">
        <GraphiQL
          fetcher={fetcher}
          storage={storage}
          defaultTabs={tabs}
          defaultEditorToolsVisibility="variables"
          shouldPersistHeaders={false}
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo>
            <></>
          </GraphiQL.Logo>
        </GraphiQL>
      </main>
    </>
  );
}
