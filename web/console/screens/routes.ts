import { ChartColumn, Hash, History, ListChecks, Megaphone, SquareTerminal, Trash2, type LucideIcon, UploadCloud, UsersRound, Webhook } from 'lucide-react';
import type { ComponentType } from 'react';

import type { ProviderFeature } from '../graphql/types.generated.ts';
import type { en } from '../i18n/en.ts';

// A screen is one line here, a section in i18n/, and its folder. Its code is
// loaded when it is first opened.

export interface ScreenRoute {
  /** Below /console; `:name` is a parameter (useParams). The first that fits is shown. */
  path: string;
  /** How the palette and the navigation name it, the latter unless one comes to it from another; what has a parameter has no name. A chat without what it `needs` doesn't have it. */
  nav?: { title: `${Exclude<keyof typeof en, 'shell' | 'bulk' | 'changes' | 'errors' | 'encoding' | 'media' | 'userFile'>}:title`; icon: LucideIcon; forDevelopers?: true; fromAnother?: true; needs?: ProviderFeature };
  load: () => Promise<{ default: ComponentType }>;
}

export const HOME = '/channels';

export const SCREENS: readonly ScreenRoute[] = [
  { path: '/overview', nav: { title: 'overview:title', icon: ChartColumn }, load: () => import('./overview/Overview.tsx') },
  { path: '/channels/:cid', load: () => import('./channel/Channel.tsx') },
  { path: '/channels', nav: { title: 'channels:title', icon: Hash }, load: () => import('./channels/Channels.tsx') },
  { path: '/announcements/:id', load: () => import('./announcements/Announcement.tsx') },
  { path: '/announcements', nav: { title: 'announcements:title', icon: Megaphone }, load: () => import('./announcements/Announcements.tsx') },
  { path: '/users/import', nav: { title: 'userImport:title', icon: UploadCloud, fromAnother: true }, load: () => import('./import/ImportUsers.tsx') },
  { path: '/users', nav: { title: 'users:title', icon: UsersRound }, load: () => import('./users/Users.tsx') },
  { path: '/jobs', nav: { title: 'jobs:title', icon: ListChecks }, load: () => import('./jobs/Jobs.tsx') },
  { path: '/activity', nav: { title: 'activity:title', icon: History }, load: () => import('./activity/Activity.tsx') },
  { path: '/bin', nav: { title: 'bin:title', icon: Trash2, needs: 'BIN' }, load: () => import('./bin/Bin.tsx') },
  { path: '/webhooks/:id', load: () => import('./webhooks/Deliveries.tsx') },
  { path: '/webhooks', nav: { title: 'webhooks:title', icon: Webhook }, load: () => import('./webhooks/Webhooks.tsx') },
  { path: '/explorer', nav: { title: 'explorer:title', icon: SquareTerminal, forDevelopers: true }, load: () => import('./explorer/Explorer.tsx') },
];
