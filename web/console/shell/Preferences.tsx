import { ActionIcon, Menu, useMantineColorScheme, type MantineColorScheme } from '@mantine/core';
import { Languages, Monitor, Moon, Sun } from 'lucide-react';
import { useTranslation } from 'react-i18next';

import { chooseLanguage, currentLanguage, LANGUAGES, type Language } from '../i18n/language.ts';

const COLORS = [
  { value: 'light', icon: Sun, label: 'colorsLight' },
  { value: 'dark', icon: Moon, label: 'colorsDark' },
  { value: 'auto', icon: Monitor, label: 'colorsAuto' },
] as const satisfies { value: MantineColorScheme; icon: unknown; label: string }[];

/** Colours and language, remembered in this browser. */
export function Preferences() {
  const { t } = useTranslation('shell');
  const { colorScheme, setColorScheme } = useMantineColorScheme();
  const Shown = COLORS.find(({ value }) => value === colorScheme)?.icon ?? Monitor;
  return (
    <>
      <Menu position="top-start" withinPortal={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={t('colors')}>
            <Shown size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.RadioGroup value={colorScheme} onChange={(value) => setColorScheme(value as MantineColorScheme)}>
            {COLORS.map(({ value, icon: Icon, label }) => (
              <Menu.RadioItem key={value} value={value} rightSection={<Icon size={16} aria-hidden />}>
                {t(label)}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Dropdown>
      </Menu>
      <Menu position="top-start" withinPortal={false}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={t('language')}>
            <Languages size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.RadioGroup value={currentLanguage()} onChange={(value) => void chooseLanguage(value as Language)}>
            {(Object.keys(LANGUAGES) as Language[]).map((language) => (
              <Menu.RadioItem key={language} value={language} lang={language}>
                {LANGUAGES[language]}
              </Menu.RadioItem>
            ))}
          </Menu.RadioGroup>
        </Menu.Dropdown>
      </Menu>
    </>
  );
}
