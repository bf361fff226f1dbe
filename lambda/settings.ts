/** The configuration of a sync: what people write, what it means with every default filled in, and how it travels. */
import type { GuardRules, MappingRules, PeopleRules, SyncRules, WhenGone } from './core/model/rules.ts';
import { UsageError } from './errors.ts';
import { problemsOf } from './settings/values.ts';
import { inTime, type Schedule } from './settings/schedule.ts';
import { config, type SyncConfig } from './settings/sections.ts';
import type { OktaSelection, SecodaPlace } from './settings/services.ts';

export type { OktaSelection, Schedule, SecodaPlace, SyncConfig };

/** The configuration, checked and complete. */
export interface Settings {
  readonly name: string;
  readonly okta: {
    /** An origin: no path, no trailing slash. */
    readonly orgUrl: string;
    readonly selection: OktaSelection;
    readonly requestsPerMinute: 'auto' | number;
    readonly shortCutsFrom: number;
    readonly fullReadDays: number;
  };
  readonly secoda: { readonly place: SecodaPlace; readonly writesPerMinute: number };
  readonly mapping: MappingRules;
  readonly people: PeopleRules;
  readonly whenGone: WhenGone;
  readonly invite: false | { readonly role: string; readonly teams: readonly string[] };
  readonly guard: GuardRules;
  readonly schedule: Schedule;
  readonly dryRun: boolean;
  readonly notify: { readonly emails: readonly string[]; readonly topicArn?: string | undefined };
  readonly events: {
    readonly okta: { readonly eventSource: string; readonly silentHours: number } | null;
    readonly hr: boolean;
  };
  /** ARNs of existing secrets; `null` where the stack makes one. */
  readonly secrets: { readonly okta: string | null; readonly secoda: string | null };
  readonly archive: {
    readonly days: number;
    readonly snapshots: 'changed' | 'all' | 'none';
    readonly snapshotDays: number;
    readonly ledgerDays: number;
  };
}

/** Gives the configuration its type; what it says is checked when it is loaded. */
export function defineSync(written: SyncConfig): SyncConfig {
  return written;
}

/** Checks a configuration and fills in the defaults. Throws `UsageError` with every problem at once. */
export function parseSettings(input: unknown): Settings {
  const result = config.safeParse(input);
  if (!result.success) throw new UsageError(problemsOf(result.error, input));
  const { okta, groups, users, events, secrets, ...rest } = result.data;
  const { groups: selection, ...reading } = okta;
  const { whenGone, ...mapping } = groups;
  const { invite, ...people } = users;
  return {
    ...rest,
    okta: { ...reading, selection },
    mapping,
    people,
    whenGone,
    invite,
    events: { okta: events.okta ?? null, hr: events.hr },
    secrets: { okta: secrets.okta ?? null, secoda: secrets.secoda ?? null },
  };
}

/** What the core decides by, apart from the guard. */
export function rulesOf({ name, mapping, people, whenGone, invite, guard }: Settings): SyncRules {
  const { max } = guard.invitations;
  return {
    name,
    mapping: { ...mapping, inTime },
    people,
    whenGone,
    invite: invite === false ? null : { ...invite, max },
  };
}

/** The settings as a configuration in JSON, every default written out: `parseSettings` makes the same settings of it. */
export function toJson(settings: Settings): string {
  const { okta, secoda, mapping, people, whenGone, invite, events, secrets, ...rest } = settings;
  const { selection, ...reading } = okta;
  const { place, ...writing } = secoda;
  return JSON.stringify(
    {
      ...rest,
      okta: { ...reading, groups: selection },
      secoda: { ...writing, ...place },
      groups: { ...mapping, map: Object.fromEntries(mapping.map), whenGone },
      users: { ...people, aliases: Object.fromEntries(people.aliases), invite },
      events: { okta: events.okta ?? undefined, hr: events.hr },
      secrets: { okta: secrets.okta ?? undefined, secoda: secrets.secoda ?? undefined },
    },
    null,
    2,
  );
}
