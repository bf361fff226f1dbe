import { UsageError } from './errors.ts';

/** Names that cross a boundary of the process, declared once: the terminal, the function and the stack must agree on them. */
export const ENVIRONMENT = {
  /** Okta API token (an SSWS token). */
  oktaApiToken: 'OKTA_API_TOKEN',
  /** OAuth service app of Okta, instead of a token. */
  oktaClientId: 'OKTA_CLIENT_ID',
  /** The service app's private RSA key: a JWK as JSON, or PEM. */
  oktaPrivateKey: 'OKTA_PRIVATE_KEY',
  /** The key's id in Okta, for a key in PEM; a JWK carries its own `kid`. */
  oktaKeyId: 'OKTA_KEY_ID',
  secodaApiKey: 'SECODA_API_KEY',
  /** Secrets Manager secrets that hold the credentials of the deployed function. */
  oktaSecretArn: 'OKTA_SECRET_ARN',
  secodaSecretArn: 'SECODA_SECRET_ARN',
  /** Addresses that override the configured ones. */
  oktaOrgUrl: 'OKTA_ORG_URL',
  secodaApiUrl: 'SECODA_API_URL',
  /** Where records are kept unless `--runs` says otherwise: a folder, or `s3://bucket/prefix`. */
  runs: 'SYNC_RUNS',
  /** Where the deployed functions keep records, memory and lease. */
  archiveBucket: 'ARCHIVE_BUCKET',
  /** The SNS topic that refused plans and alarms are told to. */
  noticeTopicArn: 'NOTICE_TOPIC_ARN',
  /** `Sync` behind its alias, as `Start` invokes it; and behind the one for approvals. */
  syncFunctionArn: 'SYNC_FUNCTION_ARN',
  syncApproveArn: 'SYNC_APPROVE_ARN',
  /** What a person invokes to approve a refused plan. */
  startFunctionName: 'START_FUNCTION_NAME',
  /** Tells two deployments apart in metrics, logs and notices. */
  stackName: 'STACK_NAME',
} as const;

/** The alias of `Start` and of `Sync` that approvals come through, and nothing else: IAM tells approvers from operators by it. */
export const APPROVE_ALIAS = 'approve';

/** The event that tells of the end of a run, on the account's default bus. */
export const RUN_ENDED = { Source: 'okta-secoda-sync', DetailType: 'Run ended' } as const;

/** CloudWatch metrics of finished runs: sent by `Sync`, watched by alarms, drawn on the dashboard. One dimension: the stack. */
export const METRICS = {
  namespace: 'OktaSecodaSync',
  dimension: 'Stack',
  /** One for each run over everything that came to its end, whatever it was, and of these the partial ones: the alarms' business. */
  fullRunsFinished: 'FullRunsFinished',
  fullRunsPartial: 'FullRunsPartial',
  /** One for each run, also those of events and of a few groups. */
  runsInSync: 'RunsInSync',
  runsApplied: 'RunsApplied',
  runsPlanned: 'RunsPlanned',
  runsPartial: 'RunsPartial',
  runsRefused: 'RunsRefused',
  runsFailed: 'RunsFailed',
  /** Changes as written. */
  groupsCreated: 'GroupsCreated',
  groupsUpdated: 'GroupsUpdated',
  groupsDeleted: 'GroupsDeleted',
  membersAdded: 'MembersAdded',
  membersRemoved: 'MembersRemoved',
  peopleUnmatched: 'PeopleUnmatched',
  peopleUnsettled: 'PeopleUnsettled',
  peopleInvited: 'PeopleInvited',
  oktaReads: 'OktaReads',
  oktaThrottled: 'OktaThrottled',
  secodaReads: 'SecodaReads',
  secodaWrites: 'SecodaWrites',
  secodaThrottled: 'SecodaThrottled',
  /** Milliseconds from the start of a run to its end, waits included. */
  duration: 'RunDuration',
} as const;

/** Where a durable run keeps what is too large for a step's result: needed until the run ends, a day at most. */
export const STEPS = 'steps/';

/** What was last read from Okta's groups, and what shortens the way of later runs: below this, a file of each for a deployment. */
export const READS = 'reads/';

/** What was lost, granted, adopted and invited lately: below this, one file a deployment. */
export const RECENT = 'recent/';

/** Who is unmatched since when: below this, one file a deployment. */
export const UNMATCHED = 'unmatched/';

/** Which runs there were, to be listed without opening their records. */
export const HISTORY = 'history/';

/** Every change of access, one chain of files a deployment. */
export const LEDGER = 'ledger/';

/** The whole input of a run's plan: below this, one file a run. */
export const SNAPSHOTS = 'snapshots/';

/** The alarms of a deployment. Each has a heading of its own in docs/alarms.md. */
export const ALARMS = [
  'SyncFailing',
  'SyncCrashing',
  'SyncRefused',
  'SyncPartial',
  'SyncNotRunning',
  'EventsStuck',
  'EventsSilent',
] as const;

/** `process.env`, or a stand-in for it. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** The value of a variable; an empty or blank one is a missing one. Surrounding white space is never meant. */
export function variable(environment: Environment, name: string): string | undefined {
  const value = unquoted(environment[name] ?? '');
  return value === '' ? undefined : value;
}

/** A pasted value as it was meant: without blanks, a byte order mark or a pair of quotes around it. */
export function unquoted(text: string): string {
  const trimmed = text.trim();
  const [, , inner] = /^(["'])(.*)\1$/s.exec(trimmed) ?? [];
  return (inner ?? trimmed).trim();
}

/** Gives the values of variables that the stack sets. Throws `UsageError`, naming all that are missing. */
export function required(environment: Environment, names: readonly string[]): (name: string) => string {
  const missing = names.filter((name) => variable(environment, name) === undefined);
  if (missing.length > 0) throw new UsageError(missing.map((name) => `${name} is not set: deploy the stack`));
  return (name) => variable(environment, name) ?? '';
}
