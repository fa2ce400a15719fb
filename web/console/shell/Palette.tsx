import { useMantineColorScheme } from '@mantine/core';
import { Spotlight, type SpotlightActionGroupData } from '@mantine/spotlight';
import { ArrowRight, Keyboard, Languages, LogOut, Monitor, Moon, Search, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';
import { useLocation } from 'wouter';

import { session } from '../auth/session.ts';
import { SECTIONS } from '../i18n/en.ts';
import { chooseLanguage, LANGUAGES, type Language } from '../i18n/language.ts';
import { SCREENS } from '../screens/routes.ts';
import { useOfferedCommands, type Command } from './palette.ts';
import { leave } from './stepBack.ts';

/** Everything that can be done from everywhere, found by typing a part of its name. */
export function Palette({ onKeys }: { onKeys(): void }) {
  const { t } = useTranslation(SECTIONS);
  const [, navigate] = useLocation();
  const { setColorScheme } = useMantineColorScheme();
  const offered = useOfferedCommands();

  const pages: Command[] = SCREENS.flatMap(({ path, nav }) =>
    nav === undefined
      ? []
      : [{ id: path, label: t(nav.title), icon: nav.icon, run: () => leave(() => navigate(path)) }],
  );
  const commands: Command[] = [
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
  const groups: SpotlightActionGroupData[] = [
    { group: t('palettePages'), actions: pages.map(action) },
    { group: t('paletteCommands'), actions: commands.map(action) },
  ];

  return (
    <Spotlight
      actions={groups}
      shortcut="mod + K"
      tagsToIgnore={[]}
      attributes={{ content: { 'aria-label': t('paletteOpen') } }}
      nothingFound={t('paletteEmpty')}
      highlightQuery
      scrollable
      yOffset="min(5rem, 10dvh)"
      maxHeight="min(26rem, 80dvh)"
      searchProps={{
        leftSection: <Search size={18} aria-hidden />,
        placeholder: t('palette'),
        'aria-label': t('palette'),
      }}
    />
  );
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
