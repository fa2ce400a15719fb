import { ActionIcon, Drawer, Kbd, Menu, UnstyledButton } from '@mantine/core';
import { useDisclosure, useHotkeys, useMediaQuery } from '@mantine/hooks';
import { spotlight } from '@mantine/spotlight';
import { CircleUser, Keyboard, LogOut, Menu as MenuIcon, Search } from 'lucide-react';
import { Suspense, useEffect } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, Redirect, Route, Switch, useLocation } from 'wouter';

import { session, useSession } from '../auth/session.ts';
import { useWhatIsSupported } from '../graphql/provider.ts';
import { useFormats } from '../i18n/formats.ts';
import { SECTIONS } from '../i18n/en.ts';
import { visible } from '../i18n/visible.ts';
import { HOME, SCREENS, type ScreenRoute } from '../screens/routes.ts';
import { Brand } from './Brand.tsx';
import { showDeveloperTools, useDeveloperTools } from './developer.ts';
import { ErrorBoundary } from './ErrorBoundary.tsx';
import { Keys } from './Keys.tsx';
import { modifier } from './modifier.ts';
import { NotFound } from './NotFound.tsx';
import { OfflineBanner } from './OfflineBanner.tsx';
import { PAGES, preload } from './pages.ts';
import { Palette } from './Palette.tsx';
import { placeOf, useKeptPlaces } from './place.ts';
import { Preferences } from './Preferences.tsx';
import { Loading } from './Screen.tsx';
import styles from './Shell.module.css';
import { undoNewest } from './toast.tsx';

const NAVIGATION = SCREENS.filter(({ nav }) => nav !== undefined && nav.fromAnother !== true);
const KEPT = NAVIGATION.map(({ path }) => path);

/** What surrounds every screen of a signed-in user. */
export function Shell() {
  const { t } = useTranslation('shell');
  const [location] = useLocation();
  const narrow = useMediaQuery('(max-width: 48em)', window.innerWidth <= 768, { getInitialValueInEffect: false });
  const [open, drawer] = useDisclosure(false);
  const [help, keys] = useDisclosure(false);
  useEffect(drawer.close, [location, drawer.close]);
  useKeptPlaces(KEPT);
  useHotkeys([
    ['/', focusSearch],
    ['shift+?', keys.open, { usePhysicalKeys: false }],
    ['?', keys.open],
    ['mod+Z', undoNewest],
  ]);
  const navigation = <Navigation onKeys={keys.open} />;

  return (
    <div className={styles.shell}>
      <a href="#main" className={styles.skip}>
        {t('skip')}
      </a>
      {narrow ? (
        <section aria-label={t('product')} className={styles.bar}>
          <ActionIcon variant="subtle" color="gray" c="inherit" size="lg" aria-label={t('openNavigation')} onClick={drawer.open}>
            <MenuIcon size={20} aria-hidden />
          </ActionIcon>
          <Brand />
          <ActionIcon variant="subtle" color="gray" c="inherit" size="lg" aria-label={t('paletteOpen')} onClick={spotlight.open}>
            <Search size={18} aria-hidden />
          </ActionIcon>
        </section>
      ) : (
        <nav aria-label={t('navigation')} className={styles.side}>
          <div className={styles.brand}>
            <Brand />
          </div>
          {navigation}
        </nav>
      )}
      {narrow && (
        <Drawer
          opened={open}
          onClose={drawer.close}
          size="17rem"
          title={<Brand />}
          classNames={{ content: styles.drawer ?? '', header: styles.drawerHeader ?? '', body: styles.drawerBody ?? '' }}
          closeButtonProps={{ 'aria-label': t('closeNavigation') }}
        >
          <nav aria-label={t('navigation')} className={styles.drawerBody}>
            {navigation}
          </nav>
        </Drawer>
      )}
      <main id="main" tabIndex={-1} className={styles.main}>
        <OfflineBanner />
        <ErrorBoundary place={location}>
          <Suspense fallback={<Loading />}>
            <Switch>
              {PAGES.map(({ path, Page }) => (
                <Route key={path} path={path}>
                  <Page />
                </Route>
              ))}
              <Route path="/">
                <Redirect to={HOME} replace />
              </Route>
              <Route>
                <NotFound />
              </Route>
            </Switch>
          </Suspense>
        </ErrorBoundary>
      </main>
      <Palette onKeys={keys.open} />
      <Keys opened={help} onClose={keys.close} />
    </div>
  );
}

function Navigation({ onKeys }: { onKeys(): void }) {
  const { t } = useTranslation('shell');
  return (
    <>
      <UnstyledButton className={styles.find} onClick={spotlight.open}>
        <Search size={16} aria-hidden />
        <span>{t('paletteOpen')}</span>
        <Kbd size="xs" dir="ltr" aria-hidden>
          {modifier} K
        </Kbd>
      </UnstyledButton>
      <div className={styles.links}>
        {NAVIGATION.map((screen) => (
          <NavigationLink key={screen.path} screen={screen} />
        ))}
      </div>
      <div className={styles.foot}>
        <Account />
        <div className={styles.tools}>
          <Preferences />
          <ActionIcon variant="subtle" color="gray" c="dimmed" size="lg" aria-label={t('keys')} onClick={onKeys}>
            <Keyboard size={18} aria-hidden />
          </ActionIcon>
        </div>
      </div>
    </>
  );
}

function NavigationLink({ screen: { path, nav } }: { screen: ScreenRoute }) {
  const { t } = useTranslation(SECTIONS);
  const [location] = useLocation();
  const developer = useDeveloperTools();
  const supported = useWhatIsSupported();
  if (nav === undefined || !supported(nav.needs)) return null;
  const here = location === path || location.startsWith(`${path}/`);
  if (nav.forDevelopers === true && !developer && !here) return null;
  const Icon = nav.icon;
  return (
    <Link
      href={here ? path : placeOf(path)}
      className={styles.link ?? ''}
      aria-current={here ? 'page' : undefined}
      onPointerEnter={() => void preload(path)}
      onFocus={() => void preload(path)}
    >
      <Icon size={18} aria-hidden />
      {t(nav.title)}
    </Link>
  );
}

function Account() {
  const { t } = useTranslation('shell');
  const { holder, renews } = useSession();
  const { moment } = useFormats();
  const developer = useDeveloperTools();
  if (holder === undefined) return null;
  return (
    <Menu position="top-start" width="15rem" withinPortal={false}>
      <Menu.Target>
        <UnstyledButton className={styles.account} aria-label={t('account', { name: holder.name })}>
          <CircleUser size={20} aria-hidden />
          <bdi>{visible(holder.name)}</bdi>
        </UnstyledButton>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          <bdi>{visible(holder.id)}</bdi>
          {holder.expires !== undefined && renews !== true && <div>{t('expiresIn', { time: moment.format(holder.expires) })}</div>}
        </Menu.Label>
        <Menu.CheckboxItem closeMenuOnClick checked={developer} onChange={showDeveloperTools}>
          {t('developerTools')}
        </Menu.CheckboxItem>
        <Menu.Item leftSection={<LogOut size={16} aria-hidden />} onClick={() => session.signOut()}>
          {t('signOut')}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

/** Each screen marks its search field with data-search. */
function focusSearch(): void {
  const field = document.querySelector<HTMLInputElement>('#main input[data-search]');
  field?.focus();
  field?.select();
}
