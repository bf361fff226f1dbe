import * as z from 'zod';
import { closed, yesOrNo } from './values.ts';
import { archive, events, notify, secrets } from './deployment.ts';
import { groups, guard, users } from './sections.ts';
import { schedule } from './schedule.ts';
import { okta, secoda } from './services.ts';

const NAME = 'up to 41 letters, digits and hyphens, the first no hyphen';

/** Everything that can stand in `sync.config.ts`. */
export const config = closed({
  /** Stands in the marker of every managed group; a second deployment to one workspace needs another. */
  name: z
    .string({ error: NAME })
    .regex(/^[a-z0-9][a-z0-9-]{0,40}$/i, { error: NAME })
    .default('okta'),
  /** The directory: where it is and which of its groups are read. */
  okta,
  /** The workspace. */
  secoda,
  /** Which groups are in scope and what they are called in Secoda. */
  groups: groups.prefault({}),
  /** Who belongs into a group, and how people are recognised. */
  users: users.prefault({}),
  /** The harm that one run may do without being asked. */
  guard: guard.prefault({}),
  /** When the deployed function runs by itself: `{ cron, timeZone }` or `{ every }`. */
  schedule: schedule.prefault({ cron: '0 2 * * ? *' }),
  /** Only plan. A terminal then writes with `--no-dry-run` alone, the deployed function when its event says so. */
  dryRun: yesOrNo().default(false),
  /** Who is told when an alarm goes off. */
  notify: notify.prefault({}),
  /** Events that start a run at once. */
  events: events.prefault({}),
  /** Existing secrets for the deployed function. */
  secrets: secrets.prefault({}),
  /** Where the deployed function keeps its records. */
  archive: archive.prefault({}),
});

/** What people write in `sync.config.ts`. */
export type SyncConfig = z.input<typeof config>;
