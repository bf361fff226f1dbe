/** The configuration of a sync: what people write, what it means with every default filled in, and how it travels. */
import type { SyncRules } from './core/model/rules.ts';
import { UsageError } from './errors.ts';
import { problemsOf } from './settings/values.ts';
import { inTime, type Schedule } from './settings/schedule.ts';
import { config, type SyncConfig } from './settings/sections.ts';
import type { OktaSelection, SecodaPlace } from './settings/services.ts';

export type { OktaSelection, Schedule, SecodaPlace, SyncConfig };

/** The configuration, checked and complete. */
export type Settings = Readonly<ReturnType<typeof parseSettings>>;

/** Gives the configuration its type; what it says is checked when it is loaded. */
export function defineSync(written: SyncConfig): SyncConfig {
  return written;
}

/** Checks a configuration and fills in the defaults. Throws `UsageError` with every problem at once. */
export function parseSettings(input: unknown) {
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
