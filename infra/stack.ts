import { type App, Stack } from 'aws-cdk-lib';
import type { Settings } from '../lambda/settings.ts';
import { addAlarms } from './alarms.ts';
import { Archive } from './archive.ts';
import { addDashboard } from './dashboard.ts';
import { EventQueue } from './events.ts';
import { Notices } from './notices.ts';
import { addOutputs } from './outputs.ts';
import { NightlySchedule } from './schedule.ts';
import { Secrets } from './secrets.ts';
import { StartFunction } from './start-function.ts';
import { SyncFunction } from './sync-function.ts';

export interface SyncStackProps {
  readonly settings: Settings;
  /** Path of the checked configuration as JSON, which is bundled into both functions. */
  readonly config: string;
}

/** One deployment: everything that a sync of one Okta org with one Secoda workspace needs in AWS. */
export class SyncStack extends Stack {
  constructor(app: App, name: string, { settings, config }: SyncStackProps) {
    super(app, name, { description: 'Keeps the groups of a Secoda workspace equal to groups in Okta' });
    const { bucket } = new Archive(this, 'Archive', settings.archive);
    const secrets = new Secrets(this, 'Secrets', { existing: settings.secrets });
    const notices = new Notices(this, 'Notices', settings.notify);
    const { events } = settings;
    const queue =
      events.okta !== null || events.hr
        ? new EventQueue(this, 'Events', { events, selection: settings.okta.selection })
        : null;

    const startName = `${name}-start`;
    const sync = new SyncFunction(this, 'Sync', { config, bucket, secrets, notices, startName });
    const start = new StartFunction(this, 'Start', {
      config,
      bucket,
      name: startName,
      sync,
      queue: queue?.queue ?? null,
    });
    const schedule = new NightlySchedule(this, 'Schedule', { schedule: settings.schedule, sync: sync.live });

    const deadLetters = [schedule.deadLetters, ...(queue === null ? [] : [queue.deadLetters])];
    const alarms = addAlarms(this, {
      ...{ settings, sync, start, deadLetters },
      topic: notices.topic,
      oktaRule: queue?.oktaRule ?? null,
    });
    const dashboard = addDashboard(this, alarms);
    addOutputs(this, { bucket, dashboard, secrets, start, sync });
  }
}
