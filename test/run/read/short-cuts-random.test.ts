import type { ReportedChange } from '../../../lambda/core/report/report.ts';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DAY, MINUTE, type Night, quietNight } from './quiet-world.ts';

/** Something that happens on either side, to the nth person, account or group that is there. */
type Happening = readonly [what: keyof typeof HAPPENINGS, nth: number, other: number];

const HAPPENINGS = {
  join: ({ stand: { okta } }: Night, n: number, m: number) => {
    const [user, group] = [pick(okta.state.users, n), pick(okta.state.groups, m)];
    if (user && group) okta.state.join(user, group);
  },
  leave: ({ stand: { okta } }: Night, n: number, m: number) => {
    const group = pick(okta.state.groups, m);
    const user = group && [...group.members][n % Math.max(1, group.members.size)];
    if (user) okta.state.leave(user, group);
  },
  status: ({ stand: { okta } }: Night, n: number, m: number) => {
    const user = pick(okta.state.users, n);
    const status = ['ACTIVE', 'DEPROVISIONED', 'SUSPENDED', 'LOCKED_OUT'][m % 4];
    if (user && status !== undefined) okta.state.setStatus(user, status);
  },
  address: ({ stand: { okta } }: Night, n: number, m: number) => {
    const user = pick(okta.state.users, n);
    if (user) okta.state.changeProfile(user, { email: `p${m % 6}@acme.com` });
  },
  delete: ({ stand: { okta } }: Night, n: number) => {
    const user = pick(okta.state.users, n);
    if (!user) return;
    okta.state.deactivate(user);
    okta.state.deleteUser(user);
  },
  hire: ({ stand: { okta, secoda } }: Night, n: number, m: number) => {
    const email = `hire-${n}-${m}-${okta.state.users.size}@acme.com`;
    if (okta.state.findUser(email)) return;
    const group = pick(okta.state.groups, m);
    const user = okta.state.addUser({ email });
    if (group) okta.state.join(user, group);
    if (n % 2 === 0) secoda.state.addUser({ email });
  },
  rename: ({ stand: { okta } }: Night, n: number, m: number) => {
    const group = pick(okta.state.groups, n);
    if (group) okta.state.renameGroup(group, `Name ${n}-${m}-${okta.requests.length}`);
  },
  found: ({ stand: { okta } }: Night, n: number) => {
    okta.state.addGroup({ name: `Found ${n}-${okta.requests.length}-${okta.state.groups.size}` });
  },
  close: ({ stand: { okta } }: Night, n: number) => {
    const group = pick(okta.state.groups, n);
    if (group) okta.state.removeGroup(group);
  },
  account: ({ stand: { secoda } }: Night, n: number, m: number) => {
    const account = pick(secoda.state.users, n);
    if (account) account.email = `p${m % 6}@acme.com`;
  },
  addByHand: ({ stand: { secoda } }: Night, n: number, m: number) => {
    const [account, group] = [pick(secoda.state.users, n), pick(secoda.state.groups, m)];
    if (account && group) secoda.state.join(account, group);
  },
  dropByHand: ({ stand: { secoda } }: Night, n: number, m: number) => {
    const [account, group] = [pick(secoda.state.users, n), pick(secoda.state.groups, m)];
    if (account && group) secoda.state.leave(account, group);
  },
  unmark: ({ stand: { secoda } }: Night, n: number) => {
    const group = pick(secoda.state.groups, n);
    if (group) secoda.state.edit(group, { description: '' });
  },
} as const;

function pick<T>(all: ReadonlyMap<string, T>, n: number): T | undefined {
  return [...all.values()][n % Math.max(1, all.size)];
}

const happening: fc.Arbitrary<Happening> = fc.tuple(
  fc.constantFrom(
    'join',
    'leave',
    'status',
    'address',
    'delete',
    'hire',
    'rename',
    'found',
    'close',
    'account',
    'addByHand',
    'dropByHand',
    'unmark',
  ),
  fc.nat({ max: 30 }),
  fc.nat({ max: 30 }),
);
const days = fc.array(
  fc.record({
    pause: fc.constantFrom(MINUTE, 15 * MINUTE, DAY),
    happenings: fc.array(happening, { minLength: 1, maxLength: 3 }),
  }),
  { minLength: 1, maxLength: 4 },
);

it('whatever happens from run to run, a run without short cuts would plan just the same', async () => {
  const live = async (chapters: readonly { pause: number; happenings: readonly Happening[] }[]) => {
    const limit = { max: 1_000, percent: 100 };
    const guard = {
      groupDeletions: limit,
      memberRemovals: limit,
      removalsPerGroup: limit,
      emptiedGroups: { atLeast: 1_000 },
      adoptions: { max: 1_000 },
      minimumGroups: 0,
    };
    const night = await quietNight({ okta: { groupsPerMinute: 100_000, usersPerMinute: 100_000 } });
    await night.configure({ guard }, { requestsPerMinute: 50_000 });
    for (const { pause, happenings } of chapters) {
      for (const [what, n, m] of happenings) HAPPENINGS[what](night, n, m);
      night.stand.jump(pause);
      const short = await night.stand.report('plan');
      // What the run without short cuts remembers must not help the next one.
      const file = join(night.stand.runs, 'reads/okta.json');
      const remembered = await readFile(file, 'utf8');
      const whole = await night.stand.report('plan', '--full');
      await writeFile(file, remembered);
      // Who left a list is known by the reading before, which the second run does not have any more.
      expect(short.changes.map(withoutCauses)).toEqual(whole.changes.map(withoutCauses));
      expect([short.skipped, short.warnings, short.unmatched]).toEqual([
        whole.skipped,
        whole.warnings,
        whole.unmatched,
      ]);
      await night.stand.report('apply');
    }
  };
  await fc.assert(fc.asyncProperty(days, live), { numRuns: 12, endOnFailure: true });
}, 120_000);

function withoutCauses({ causes, ...change }: ReportedChange) {
  return { ...change, caused: Object.keys(causes) };
}
