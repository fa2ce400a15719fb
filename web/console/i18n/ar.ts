import { auth } from '../auth/ar.ts';
import { bulk } from '../bulk/ar.ts';
import { changes } from '../changes/ar.ts';
import { errors } from '../graphql/ar.ts';
import { media } from '../media/ar.ts';
import { activity } from '../screens/activity/ar.ts';
import { announcements } from '../screens/announcements/ar.ts';
import { bin } from '../screens/bin/ar.ts';
import { channel } from '../screens/channel/ar.ts';
import { channels } from '../screens/channels/ar.ts';
import { explorer } from '../screens/explorer/ar.ts';
import { jobs } from '../screens/jobs/ar.ts';
import { overview } from '../screens/overview/ar.ts';
import { encoding, userFile, userImport } from '../screens/import/ar.ts';
import { users } from '../screens/users/ar.ts';
import { webhooks } from '../screens/webhooks/ar.ts';
import { shell } from '../shell/ar.ts';

/** Arabic: has each key of English, and a form for each of its six plurals. */
export const ar = { activity, announcements, auth, bin, bulk, changes, channel, channels, encoding, errors, explorer, jobs, media, overview, shell, userFile, userImport, users, webhooks };
