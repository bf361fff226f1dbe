import { describe, expect, it } from 'vitest';
import { judge } from '../../../lambda/core/guard/guard.ts';
import { NOTHING_RECENT, recentOf } from '../../../lambda/core/guard/recent.ts';
import type { Plan } from '../../../lambda/core/plan/change.ts';
import { foundCompany } from '../../emulators/company.ts';
import { OktaState } from '../../emulators/okta-state.ts';
import { SecodaState } from '../../emulators/secoda-state.ts';
import { HeldClock } from '../../time/clock.ts';
import { play } from '../play-plan.ts';
import { GUARD, NOW, person, planOf, user, type World } from '../world.ts';

/** Everybody with an account, and no group in Secoda yet. The last group has all of them. */
interface Org {
  readonly emails: readonly string[];
  readonly okta: readonly {
    readonly id: string;
    readonly name: string;
    readonly people: readonly string[];
  }[];
}

/** The demo's company, as far as it is in scope. */
function company(): Org {
  const clock = new HeldClock(NOW);
  const [okta, secoda] = [new OktaState(clock), new SecodaState(clock)];
  foundCompany({ state: okta }, { state: secoda });
  const [app] = okta.apps.values();
  const groups = [...(app?.groups ?? [])].map(({ id, name, members }) => ({
    id,
    name,
    people: [...members].flatMap(({ profile: { email } }) =>
      typeof email === 'string' ? [email.toLowerCase()] : [],
    ),
  }));
  return everyone([...new Set(groups.flatMap(({ people }) => people))], groups);
}

/** So many groups of 30, in which each person is a few times. */
function sized(count: number): Org {
  const emails = Array.from({ length: count * 10 }, (_, n) => `person.${n}@example.com`);
  const groups = Array.from({ length: count }, (_, n) => ({
    id: `g${n}`,
    name: `Team ${n}`,
    people: Array.from({ length: 30 }, (_row, m) => emails[(n * 7 + m * 13) % emails.length] ?? ''),
  }));
  return everyone(emails, groups);
}

function everyone(emails: readonly string[], groups: Org['okta']): Org {
  return { emails, okta: [...groups, { id: 'all', name: 'Everybody', people: emails }] };
}

function worldOf({ okta }: Org, accounts: readonly string[], groups: World['groups'] = []): World {
  const people = accounts.map((email) => user(email, email));
  return {
    okta: okta.map((each) => ({ ...each, people: each.people.map((email) => person(email)) })),
    users: people,
    groups,
  };
}

/** The groups as a first sync leaves them. */
const synced = (world: World): World => play(world, planOf(world));

const refused = (plan: Plan, due: Plan['baseline']['due'] = [], recent = NOTHING_RECENT) =>
  judge(plan, GUARD, null, recent, { ...plan.baseline, due }).refusals.map(({ rule }) => rule);

/** The org with so many people more in each of these groups, by their place. */
function joined({ emails, okta }: Org, hires: readonly string[]): Org {
  const last = okta.length - 1;
  const groups = okta.map((group, at) => ({
    ...group,
    people: [
      ...group.people,
      ...hires.filter((_, n) => at === last || n % last === at || (n * 5 + 1) % last === at),
    ],
  }));
  return { emails: [...emails, ...hires], okta: groups };
}

const HUNDRED = Array.from({ length: 100 }, (_, n) => `new.${n}@example.com`);

describe.each([
  ['the demo’s company', company],
  ['a world of 64 groups', () => sized(64)],
  ['a world of 1,024 groups', () => sized(1_024)],
])('the limits as they are unless set, in %s', (_, make) => {
  const org = make();

  it('let a first sync pass', () => {
    const plan = planOf(worldOf(org, org.emails));
    expect(plan.changes).toHaveLength(org.okta.length);
    expect(refused(plan)).toEqual([]);
  });

  it('let a launch week pass: 100 accounts whose people were waited for, also in a team of their own', () => {
    const more = joined(org, HUNDRED);
    const team = { id: 'launch', name: 'Launch', people: [...org.emails.slice(0, 5), ...HUNDRED] };
    const all = { ...more, okta: [...more.okta, team] };
    const before = synced(worldOf(all, org.emails));
    const { unmatched } = planOf(before);
    expect(unmatched).toHaveLength(100);
    const due = [
      ...Map.groupBy(
        unmatched.flatMap(({ email, groups }) => groups.map((group) => ({ email, group }))),
        ({ group }) => group,
      ),
    ].map(([group, each]) => [group, each.map(({ email }) => email)] as const);
    const plan = planOf(worldOf(all, more.emails, before.groups));
    expect(plan.changes.find(({ name }) => name === 'Launch')?.add).toHaveLength(100);
    expect(refused(plan, due)).toEqual([]);
    expect(refused(plan)).toEqual(['additionsPerGroup']);
  });

  it('let 100 hires in a day pass, all at night or one half of them by events', () => {
    const { groups } = synced(worldOf(org, org.emails));
    const half = HUNDRED.slice(0, 50);
    const [some, all] = [half, HUNDRED].map((hires) => joined(org, hires));
    if (some === undefined || all === undefined) throw new Error('two orgs');
    const night = planOf(worldOf(all, all.emails, groups));
    expect(night.changes.find(({ name }) => name === 'Everybody')?.add).toHaveLength(100);
    expect(refused(night)).toEqual([]);

    const day = worldOf(some, some.emails, groups);
    const granted = planOf(day).changes.flatMap(({ secodaId, add }) =>
      secodaId === null ? [] : [[secodaId, add.map(({ userId }) => userId)] as const],
    );
    const entry = {
      at: NOW,
      runId: 'day',
      approved: false,
      removed: [],
      out: [],
      deleted: [],
      granted,
      adopted: [],
      invited: [],
    };
    const recent = recentOf({ entries: [entry], unknown: null }, NOW);
    expect(refused(planOf(worldOf(all, all.emails, synced(day).groups)), [], recent)).toEqual([]);
  });
});
