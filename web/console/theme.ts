import { createTheme, defaultVariantColorsResolver, type CSSVariablesResolver, type MantineColorsTuple } from '@mantine/core';

// Paper and ink: warm greys, one deep green-blue for what can be done, so that
// colour stays free for what needs attention.
const sea: MantineColorsTuple = [
  '#eefaf7', '#d5f1ea', '#abe3d7', '#7ad0c1', '#4bbaaa', '#2aa092', '#17877b', '#0f6e65', '#0d5853', '#0b4542',
];
const gray: MantineColorsTuple = [
  '#faf9f6', '#f3f1ec', '#e9e6df', '#dcd8ce', '#c9c4b8', '#989184', '#68635a', '#565148', '#3b3832', '#232220',
];
const dark: MantineColorsTuple = [
  '#d9dddc', '#b9c0bf', '#97a1a0', '#55605f', '#333b3b', '#272e2e', '#1d2323', '#161b1b', '#101414', '#0b0e0e',
];

const system = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', 'DejaVu Sans', sans-serif";

/** Of a dialog: above the labels in it. */
const TITLE = { fontSize: '1.125rem', fontWeight: 650, lineHeight: 1.35, overflowWrap: 'anywhere' } as const;

// One dialog may lie over another: the head of neither is a landmark of the page.
const DIALOG = { styles: { title: TITLE }, defaultProps: { attributes: { header: { role: 'presentation' } } } };

export const theme = createTheme({
  colors: { sea, gray, dark },
  primaryColor: 'sea',
  primaryShade: { light: 7, dark: 4 },
  autoContrast: true,
  luminanceThreshold: 0.32,
  defaultRadius: 'md',
  radius: { xs: '3px', sm: '4px', md: '6px', lg: '10px', xl: '16px' },
  fontFamily: system,
  fontFamilyMonospace: "ui-monospace, SFMono-Regular, Menlo, Consolas, 'Noto Sans Mono', 'DejaVu Sans Mono', monospace",
  headings: { fontFamily: system, fontWeight: '650' },
  respectReducedMotion: true,
  cursorType: 'pointer',
  // Mantine reckons the letters' contrast for light colours only; these are for both.
  variantColorResolver: (input) => {
    const colors = defaultVariantColorsResolver(input);
    if (input.variant !== 'filled') return colors;
    if (input.color === 'red') return { ...colors, background: 'var(--bc-danger)', hover: 'var(--bc-danger-hover)', color: 'var(--bc-on-danger)' };
    if (input.color === undefined || input.color === 'sea') return { ...colors, color: 'var(--mantine-primary-color-contrast)' };
    return colors;
  },
  components: {
    Text: { defaultProps: { size: 'sm' } },
    Modal: DIALOG,
    Drawer: DIALOG,
    Notification: { defaultProps: { withBorder: true } },
    // A menu opens on its first line and not on an element that is none, and lies within a landmark.
    Menu: { defaultProps: { withInitialFocusPlaceholder: false, portalProps: { target: '#main' } } },
  },
});

/** What Mantine derives otherwise: colours that keep 4.5:1 on our paper, lines and the side's ground. */
export const resolver: CSSVariablesResolver = () => ({
  variables: {},
  light: {
    '--mantine-color-body': '#fffefc',
    '--mantine-color-text': gray[9],
    '--mantine-color-dimmed': gray[6],
    '--mantine-color-placeholder': gray[6],
    '--mantine-color-default-border': gray[3],
    '--mantine-color-error': '#b42318',
    '--bc-line': gray[2],
    '--bc-ground': gray[1],
    '--bc-hover': gray[0],
    '--bc-chosen': '#e3f2ee',
    '--bc-side-hover': gray[2],
    '--bc-notice': '#fdf0d5',
    '--bc-on-notice': '#573a06',
    '--bc-accent': sea[7],
    '--bc-danger': '#b42318',
    '--bc-danger-hover': '#9a1c13',
    '--bc-on-danger': '#fff',
  },
  dark: {
    '--mantine-color-body': dark[7],
    '--mantine-color-text': dark[0],
    '--mantine-color-dimmed': dark[2],
    '--mantine-color-placeholder': dark[2],
    '--mantine-color-error': '#fda29b',
    '--bc-line': dark[5],
    '--bc-ground': dark[8],
    '--bc-hover': '#1a2020',
    '--bc-chosen': '#12302c',
    '--bc-side-hover': dark[6],
    '--bc-notice': '#3a2d10',
    '--bc-on-notice': '#f6dfae',
    '--bc-accent': sea[3],
    '--bc-danger': '#fda29b',
    '--bc-danger-hover': '#fdb5af',
    '--bc-on-danger': '#3b0a06',
  },
});
