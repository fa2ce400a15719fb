import { useComputedColorScheme } from '@mantine/core';
import { GraphiQL } from 'graphiql';
import { useEffect, useMemo, useRef, useState, type RefObject } from 'react';
import { useTranslation } from 'react-i18next';

import 'graphiql/style.css';
import { storage } from '../../storage.ts';
import { session, useSession } from '../../auth/session.ts';
import { Screen } from '../../shell/Screen.tsx';
import './Explorer.css';
import { ExplorerDocument } from './explorer.generated.ts';
import { createFetcher } from './fetcher.ts';
import { exampleTabs } from './tabs.ts';

/** GraphiQL with the token of whoever is signed in, and the documented operations as tabs. */
export default function Explorer() {
  const { t } = useTranslation('explorer');
  const { holder } = useSession();
  const fetcher = useMemo(() => createFetcher('/graphql', () => session.fresh()), [holder?.id]);
  const [tabs] = useState(() => exampleTabs(holder?.id || 'user1'));
  const box = useRef<HTMLDivElement>(null);
  useRepairs(box);
  const theme = useComputedColorScheme('light', { getInitialValueInEffect: false });

  return (
    <Screen title={t('title')} note={t('note')} operations={[{ document: ExplorerDocument }]} fill>
      <div ref={box} className="bc-explorer" dir="ltr" lang="en">
        <GraphiQL
          fetcher={fetcher}
          storage={storage}
          forcedTheme={theme}
          defaultTabs={tabs}
          defaultEditorToolsVisibility="variables"
          shouldPersistHeaders={false}
          inputValueDeprecation
          schemaDescription
        >
          <GraphiQL.Logo>
            {null}
          </GraphiQL.Logo>
        </GraphiQL>
      </div>
    </Screen>
  );
}

/** Mends what GraphiQL leaves out for who can't see: names of fields, tabs that hold buttons, what scrolls. */
function useRepairs(box: RefObject<HTMLDivElement | null>): void {
  useEffect(() => {
    const repair = () => {
      for (const field of box.current?.querySelectorAll('.CodeMirror textarea:not([aria-label])') ?? []) {
        field.setAttribute('aria-label', field.closest('section[aria-label]')?.getAttribute('aria-label') ?? 'Editor');
      }
      for (const scroller of box.current?.querySelectorAll('.CodeMirror-scroll[tabindex="-1"]') ?? []) scroller.setAttribute('tabindex', '0');
      for (const tab of box.current?.querySelectorAll('.graphiql-tab[aria-selected]') ?? []) {
        tab.querySelector('.graphiql-tab-button')?.setAttribute('aria-pressed', tab.getAttribute('aria-selected') ?? 'false');
        tab.removeAttribute('aria-selected');
        tab.removeAttribute('role');
        tab.parentElement?.removeAttribute('role');
      }
    };
    const observer = new MutationObserver(repair);
    if (box.current !== null) observer.observe(box.current, { childList: true, subtree: true, attributeFilter: ['aria-selected'] });
    repair();
    return () => observer.disconnect();
  }, [box]);
}
