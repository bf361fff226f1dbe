import type { ALARMS } from '../lambda/names.ts';

const see = (heading: string): string => `How to look and how to fix: docs/alarms.md, "${heading}".`;

/**
 * What an alarm says to whoever is woken by it: what is wrong, what to do first, and where to read on. Plain ASCII:
 * CloudFormation turns any other character into a question mark.
 */
export const ALARM_TEXTS: Readonly<Record<(typeof ALARMS)[number], string>> = {
  SyncFailing: `A run of the sync from Okta into Secoda failed, or could not be started. npm run sync -- history --status failed lists such runs, and show RUN tells why. Fix the cause, and run it again. ${see('SyncFailing')}`,
  SyncCrashing: `The process of Sync keeps being killed, or does not even begin: the sync may do nothing although no run has failed yet. npm run sync -- history shows what is still running; look at the end of its log for why. ${see('SyncCrashing')}`,
  SyncRefused: `The guard refused a plan as too harmful; nothing was written. Read the notice that came with it, look at the run with npm run sync -- show RUN, and approve the plan or fix what caused it. ${see('SyncRefused')}`,
  SyncPartial: `Runs keep leaving something undone. npm run sync -- history --status partial lists such runs, and show RUN tells what failed or was skipped, and why. ${see('SyncPartial')}`,
  SyncNotRunning: `No run has come to its end for longer than the schedule allows. npm run sync -- history tells when the last one ended, and show RUN what became of it. Look whether the schedule is paused and whether a run is stuck. ${see('SyncNotRunning')}`,
  EventsSilent: `No event of Okta has come for longer than events.okta.silentHours. Okta switches a log stream off after two failed deliveries, and silence looks like peace: look at it there. npm run sync -- history tells when the last event was followed. ${see('EventsSilent')}`,
  EventsStuck: `Messages wait in a dead-letter queue: events or scheduled runs that could not be delivered, understood or started. Read why in the log of Start, fix it, and send them again. npm run sync -- history lists the runs that did start, and show RUN what they did. ${see('EventsStuck')}`,
};
