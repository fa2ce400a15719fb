import { auth } from '../auth/en.ts';
import { bulk } from '../bulk/en.ts';
import { changes } from '../changes/en.ts';
import { errors } from '../graphql/en.ts';
import { media } from '../media/en.ts';
import { activity } from '../screens/activity/en.ts';
import { announcements } from '../screens/announcements/en.ts';
import { bin } from '../screens/bin/en.ts';
import { channel } from '../screens/channel/en.ts';
import { channels } from '../screens/channels/en.ts';
import { explorer } from '../screens/explorer/en.ts';
import { jobs } from '../screens/jobs/en.ts';
import { overview } from '../screens/overview/en.ts';
import { encoding, userFile, userImport } from '../screens/import/en.ts';
import { users } from '../screens/users/en.ts';
import { webhooks } from '../screens/webhooks/en.ts';
import { shell } from '../shell/en.ts';

/** English, a section for each folder; it is also what the keys' types come from. */
export const en = { activity, announcements, auth, bin, bulk, changes, channel, channels, encoding, errors, explorer, jobs, media, overview, shell, userFile, userImport, users, webhooks } as const;

/** All sections, for who shows texts of several; the first is the default. */
export const SECTIONS = ['shell', ...Object.keys(en)] as ['shell', ...(keyof typeof en)[]];
