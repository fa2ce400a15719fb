import { useQuery } from '@apollo/client/react';
import { useMantineColorScheme } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { ArrowRight, CircleUser, Hash, Keyboard, Languages, LogOut, Monitor, Moon, Search, Sun } from 'lucide-react';
import { useEffect, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { session } from '../auth/session.ts';
import { foldText } from '../fold.ts';
import { useWhatIsSupported } from '../graphql/provider.ts';
import { SECTIONS } from '../i18n/en.ts';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n/language.ts';
import { visible } from '../i18n/visible.ts';
import { nameOf } from '../people.ts';
import { SCREENS } from '../screens/routes.ts';
import { useDeveloperTools } from './developer.ts';
import { useOfferedCommands, type Command } from './palette.ts';
import { placeOf } from './place.ts';
import { FindDocument } from './shell.generated.ts';
import { leave } from './stepBack.ts';

const PAUSE = 150;

/** Channels, users, pages and all that can be done from everywhere, found by typing a part of a name or id. */
export function Palette({ onKeys }: { onKeys(): void }) {
  const { t } = useTranslation('shell');
  const [query, setQuery] = useState('');
  const found = useFound(query);
  const named = (commands: readonly Command[]) => commands.filter(({ label }) => foldText(label).includes(foldText(query.trim())));
  const groups: SpotlightActionGroupData[] = [
    { group: t('palettePages'), actions: named(usePages()).map(action) },
    { group: t('paletteChannels'), actions: found.channels.map(action) },
    { group: t('paletteUsers'), actions: found.users.map(action) },
    { group: t('paletteCommands'), actions: named(useCommandsOfAll(onKeys)).map(action) },
  ].filter(({ actions }) => actions.length > 0);
  useFirstSelected(query === '' ? '' : groups.flatMap(({ actions }) => actions.map(({ id }) => id)).join());

  return (
    <Spotlight
      actions={groups}
      filter={(_, all) => all}
      query={query}
      onQueryChange={setQuery}
      shortcut="mod + K"
      tagsToIgnore={[]}
      attributes={{ content: { 'aria-label': t('paletteOpen') } }}
      nothingFound={t('paletteEmpty')}
      highlightQuery
      scrollable
      yOffset="min(5rem, 10dvh)"
      maxHeight="min(30rem, 80dvh)"
      searchProps={{
        leftSection: <Search size={18} aria-hidden />,
        placeholder: t('palette'),
        'aria-label': t('palette'),
      }}
    />
  );
}

/** The first of what is found is what Enter means, also where it came late. */
function useFirstSelected(of: string): void {
  useEffect(() => {
    // Once the lines are drawn.
    const frame = requestAnimationFrame(() => {
      const lines = [...document.querySelectorAll('.mantine-Spotlight-action')];
      if (of !== '' && !lines.some((line) => line.hasAttribute('data-selected'))) lines[0]?.setAttribute('data-selected', 'true');
    });
    return () => cancelAnimationFrame(frame);
  }, [of]);
}

/** The channels and users whose name or id has the text in it. */
function useFound(query: string): { channels: Command[]; users: Command[] } {
  const [, navigate] = useLocation();
  const [search] = useDebouncedValue(query.trim(), PAUSE);
  const { data, previousData } = useQuery(FindDocument, { variables: { search }, skip: search === '', fetchPolicy: 'network-only' });
  const current = data !== undefined && search === query.trim();
  const shown = query.trim() === '' ? undefined : (data ?? previousData);
  // What came for the letters before is none of what is meant now.
  const fits = ({ label, description = '' }: Command) => [label, description].some((text) => foldText(text).includes(foldText(query.trim())));
  return {
    channels: (shown?.channels.nodes ?? []).map((channel) => ({
      id: `channel ${channel.cid}`,
      label: visible(nameOf(channel)),
      description: channel.cid,
      icon: Hash,
      run: () => leave(() => navigate(`/channels/${encodeURI(channel.cid)}`)),
    })).filter((each) => current || fits(each)),
    users: (shown?.chatUsers.nodes ?? []).map((user) => ({
      id: `user ${user.id}`,
      label: visible(nameOf(user)),
      description: user.id,
      icon: CircleUser,
      run: () => leave(() => navigate(`/users?search=${encodeURIComponent(user.id)}`)),
    })).filter((each) => current || fits(each)),
  };
}

function usePages(): Command[] {
  const { t } = useTranslation(SECTIONS);
  const [, navigate] = useLocation();
  const developer = useDeveloperTools();
  const supported = useWhatIsSupported();
  // "users" means the users before their import.
  const byPlace = SCREENS.toSorted((a, b) => Number(a.nav?.fromAnother ?? false) - Number(b.nav?.fromAnother ?? false));
  return byPlace.flatMap(({ path, nav }) =>
    nav === undefined || (nav.forDevelopers === true && !developer) || !supported(nav.needs)
      ? []
      : [{ id: path, label: t(nav.title), icon: nav.icon, run: () => leave(() => navigate(placeOf(path))) }],
  );
}

function useCommandsOfAll(onKeys: () => void): Command[] {
  const { t } = useTranslation('shell');
  const { setColorScheme } = useMantineColorScheme();
  const offered = useOfferedCommands();
  return [
    ...offered.map((command) => ({ ...command, run: () => leave(command.run) })),
    { id: 'light', label: `${t('colors')}: ${t('colorsLight')}`, icon: Sun, run: () => setColorScheme('light') },
    { id: 'dark', label: `${t('colors')}: ${t('colorsDark')}`, icon: Moon, run: () => setColorScheme('dark') },
    { id: 'auto', label: `${t('colors')}: ${t('colorsAuto')}`, icon: Monitor, run: () => setColorScheme('auto') },
    ...(Object.keys(LANGUAGES) as Language[]).map((language) => ({
      id: language,
      label: `${t('language')}: ${LANGUAGES[language]}`,
      icon: Languages,
      run: () => void chooseLanguage(language),
    })),
    { id: 'keys', label: t('keys'), icon: Keyboard, run: onKeys },
    { id: 'signOut', label: t('signOut'), icon: LogOut, run: () => leave(() => session.signOut()) },
  ];
}

function action({ id, label, description, icon: Icon = ArrowRight, run }: Command) {
  return {
    id,
    label,
    ...(description !== undefined && { description }),
    leftSection: Icon && <Icon size={18} aria-hidden />,
    onClick: run,
  };
}
