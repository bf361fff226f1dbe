import { describe, expect, it } from 'vitest';
import type { OnboardReport } from '../../../lambda/core/report/onboard-report.ts';
import { type SecodaOptions, type SecodaUser, status } from '../../emulators/index.ts';
import { joined } from '../../aws/events/okta-event.ts';
import { follow } from '../read/follow.ts';
import { markerOf, membersOf, smallWorld } from '../small-world.ts';
import { type Scenario, scenario, type ScenarioOptions } from '../scenario.ts';

const DAY = 24 * 3_600_000;
const UPDATE = 'secoda.group.update';
const NAMES = [true, false] as const;

/** One managed group of four; the first of them leaves, a hire comes. */
async function change(options: SecodaOptions = {}, more: ScenarioOptions = {}) {
  const stand = await scenario({ ...more, secoda: options });
  const { people, accounts, pairs } = smallWorld(stand, { groups: 1 });
  const [leaver] = people;
  const [leaving, staying] = accounts;
  const [pair] = pairs;
  if (!leaver || !leaving || !staying || !pair) throw new Error('empty world');
  const { okta: group, secoda: mirror } = pair;
  stand.okta.state.leave(leaver, group);
  stand.okta.state.join(stand.okta.state.addUser({ email: 'hire@acme.com' }), group);
  const hire = stand.secoda.state.addUser({ email: 'hire@acme.com' });
  const bodies = () =>
    stand.secoda.requests
      .filter(({ method }) => method === 'PATCH' || method === 'POST')
      .map(({ body }) => Object.keys(JSON.parse(body) as object).join());
  const holds = (...who: SecodaUser[]) => who.map((user) => mirror.users.has(user));
  return { stand, group, mirror, leaving, staying, hire, accounts, bodies, holds };
}

async function onboard(stand: Scenario): Promise<OnboardReport & { readonly code: number }> {
  const { code, stdout } = await stand.sync('onboard', 'hire@acme.com', '--json');
  return { ...(JSON.parse(stdout) as OnboardReport), code };
}

describe('a member whom Secoda suspended and refuses', () => {
  it.each(NAMES)(
    'keeps nobody in and nobody out, and is out until they are back (named: %s)',
    async (named) => {
      const options = { disabled: 'refused', namesRefused: named } as const;
      const { stand, leaving, staying, hire, holds } = await change(options);
      staying.disabled = true;
      const done = await stand.report('apply');
      expect(holds(leaving, staying, hire)).toEqual([false, false, true]);
      expect(done).toMatchObject({ code: 4, status: 'partial', unsettled: [{ email: staying.email }] });
      const [written] = done.changes;
      expect(written).toMatchObject({
        outcome: 'unsettled',
        add: ['hire@acme.com'],
        remove: [leaving.email, staying.email],
        unsettled: [staying.email],
        causes: { [staying.email ?? '']: { cause: 'refused-by-secoda', oktaId: null, okta: null } },
      });
      expect(written?.error).toContain(named ? 'is suspended' : 'Some users are not valid');

      stand.jump(DAY);
      const { length } = stand.secoda.requests;
      const next = await stand.report('apply');
      expect(next).toMatchObject({ code: 0, status: 'in-sync', unsettled: [{ email: staying.email }] });
      expect(next.warnings).toMatchObject([{ group: 'Group A', message: written?.error }]);
      expect(stand.secoda.requests.slice(length).every(({ method }) => method === 'GET')).toBe(true);

      staying.disabled = false;
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', unsettled: [] });
      expect(holds(staying)).toEqual([true]);
    },
  );

  it('is the only one to go where Secoda names them beside a sentence about the whole', async () => {
    const { stand, leaving, staying, hire, accounts, holds } = await change();
    for (const account of accounts.slice(1)) account.disabled = true;
    const when = ({ body }: { readonly body: string }) => body.includes(staying.id);
    const said = { detail: 'Validation failed.', users: [`${staying.id} is suspended.`] };
    stand.secoda.faults.add({ on: UPDATE, when, times: Infinity, effect: status(422, said) });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ unsettled: [staying.email] }] });
    expect(holds(leaving, staying, hire, ...accounts.slice(2))).toEqual([false, false, true, true, true]);
  });

  it('may be one of several whom Secoda names one at a time', async () => {
    const options = { disabled: 'refused', serviceAccounts: 'refused' } as const;
    const { stand, mirror, leaving, hire, accounts, holds } = await change(options);
    const robot = stand.secoda.state.addUser({ email: null, hidden: true });
    mirror.users.add(robot);
    const suspended = accounts.slice(2);
    for (const account of suspended) account.disabled = true;
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ outcome: 'unsettled' }] });
    expect(done.changes[0]?.unsettled).toHaveLength(suspended.length + 1);
    expect(holds(leaving, hire, robot, ...suspended)).toEqual([false, true, false, false, false]);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('is tried again after a week, without a write that changes anything', async () => {
    const { stand, staying, mirror, bodies } = await change({ disabled: 'refused' });
    staying.disabled = true;
    await stand.report('apply');
    stand.jump(7 * DAY);
    const [before, writes] = [bodies().length, stand.secoda.state.writes.length];
    const again = await stand.report('apply');
    expect(again).toMatchObject({ code: 0, status: 'applied', changes: [{ outcome: 'unsettled' }] });
    expect(bodies().slice(before)).toEqual(['users']);
    expect(stand.secoda.state.writes).toHaveLength(writes);
    expect(mirror.users.size).toBe(3);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('stays where they are protected, and the change fails in Secoda’s words, each night', async () => {
    const config = { users: { protect: ['p1@*'] } };
    const { stand, staying, leaving, hire, holds } = await change({ disabled: 'refused' }, { config });
    staying.disabled = true;
    for (const night of [1, 2]) {
      const done = await stand.report('apply');
      expect(done, `night ${night}`).toMatchObject({ code: 4, changes: [{ outcome: 'failed', causes: {} }] });
      expect(done.changes[0]?.error).toMatch(/^PATCH .* was refused \(400\), Secoda said: .* is suspended/);
      expect(holds(staying, leaving, hire)).toEqual([true, true, false]);
    }
  });

  it.each([
    ['removalsPerGroup', { removalsPerGroup: { max: 2, percent: 0 } }, /remove 3 of 4 members of Group A/],
    ['memberRemovals', { memberRemovals: { max: 2, percent: 0 } }, /remove 3 of 4 memberships/],
  ])('stays where %s would be broken by that', async (_, guard, words) => {
    const { stand, accounts, leaving, hire, holds } = await change(
      { disabled: 'refused' },
      { config: { guard } },
    );
    for (const account of accounts.slice(1, 3)) account.disabled = true;
    stand.secoda.faults.add({ on: UPDATE, effect: status(409, { detail: 'Some are suspended.' }) });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ outcome: 'failed' }] });
    expect(done.changes[0]?.error).toMatch(words);
    expect(holds(leaving, hire)).toEqual([true, false]);
  });

  it('counts with those whom other groups lost before', async () => {
    const config = { guard: { memberRemovals: { max: 1, percent: 0 } } };
    const stand = await scenario({ config, secoda: { disabled: 'refused' } });
    const { accounts, pairs } = smallWorld(stand, { groups: 2 });
    const late = stand.okta.state.addUser({ email: 'late@acme.com' });
    stand.secoda.state.addUser({ email: 'late@acme.com' });
    for (const { okta } of pairs) stand.okta.state.join(late, okta);
    for (const account of accounts.slice(0, 1)) account.disabled = true;
    const done = await stand.report('apply');
    expect(done.changes.map(({ outcome }) => outcome)).toEqual(['unsettled', 'failed']);
    expect(done.changes[1]?.error).toContain('without those it refuses this would remove 2 of 8');
  });

  it('leaves a group by an approval of other losses within the limits alone', async () => {
    const guard = { removalsPerGroup: { max: 0, percent: 0 }, memberRemovals: { max: 9, percent: 0 } };
    const { stand, staying, leaving, holds } = await change({ disabled: 'refused' }, { config: { guard } });
    staying.disabled = true;
    const { digest } = await stand.report('apply');
    const failed = await stand.report('apply', '--approve', digest ?? '');
    expect(failed.changes[0]?.error).toContain('this would remove 1 of 4 members of Group A (25 %)');
    await stand.configure({ guard: { ...guard, removalsPerGroup: { max: 1, percent: 0 } } });
    expect(await stand.report('apply')).toMatchObject({ changes: [{ outcome: 'failed' }] });
    await stand.report('apply', '--approve', digest ?? '');
    expect(holds(leaving, staying)).toEqual([false, false]);
  });
});

it('somebody who has not signed in keeps no group from being made, and is in when they have', async () => {
  const stand = await scenario({ secoda: { invited: 'refused' } });
  const people = ['ada', 'new'].map((name) => stand.okta.state.addUser({ email: `${name}@acme.com` }));
  stand.secoda.state.addUser({ email: 'ada@acme.com' });
  const account = stand.secoda.state.addUser({ email: 'new@acme.com', pending: true });
  for (const name of ['A', 'B']) stand.okta.state.addGroup({ name, members: people });
  const done = await stand.report('apply');
  expect(done.changes.map(({ outcome }) => outcome)).toEqual(['unsettled', 'unsettled']);
  expect(membersOf(stand)).toEqual({ A: ['ada@acme.com'], B: ['ada@acme.com'] });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  stand.secoda.state.activate(account);
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', unsettled: [] });
  expect(membersOf(stand).B).toHaveLength(2);
});

it('a member whom Secoda drops without a word is unsettled, and asked for again when they are back', async () => {
  const { stand, staying, holds } = await change({ disabled: 'dropped' });
  staying.disabled = true;
  expect(await stand.report('apply')).toMatchObject({
    code: 4,
    changes: [{ unsettled: [staying.email], error: null }],
  });
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  staying.disabled = false;
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', unsettled: [] });
  expect(holds(staying)).toEqual([true]);
});

it('a suspended member waits for the full run where an event that does not name them started this one', async () => {
  const { stand, group, staying, leaving, hire, holds } = await change({ disabled: 'refused' });
  staying.disabled = true;
  const done = await follow(stand, {}, joined(group.id, stand.okta.state.user('hire@acme.com').id));
  expect(done).toMatchObject({ status: 'partial', changes: [{ outcome: 'failed' }] });
  expect(done.changes[0]?.error).toMatch(/is suspended.*would take out 1 whom no event names/);
  expect(holds(staying, leaving, hire)).toEqual([true, true, false]);
  await stand.report('apply');
  expect(holds(staying, leaving, hire)).toEqual([false, false, true]);
});

it('somebody new who is active, and whom Secoda refuses without a name, keeps nobody in', async () => {
  const options = { guests: 'refused', namesRefused: false } as const;
  const { stand, group, mirror, leaving, holds } = await change(options);
  const guest = stand.secoda.state.addUser({ email: 'guest@acme.com', role: 'guest' });
  stand.okta.state.join(stand.okta.state.addUser({ email: 'guest@acme.com' }), group);
  const [done] = (await stand.report('apply')).changes;
  expect([...(done?.unsettled ?? [])].sort()).toEqual(['guest@acme.com', 'hire@acme.com']);
  expect([...holds(leaving), mirror.users.size]).toEqual([false, 3]);
  guest.role = 'viewer';
  stand.jump(7 * DAY);
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied', unsettled: [] });
  expect(mirror.users.size).toBe(5);
});

describe('an id that Secoda lists in a group and does not take back', () => {
  it.each(NAMES)('keeps nobody in and nobody out, and is told once (named: %s)', async (named) => {
    const options = { serviceAccounts: 'refused', namesRefused: named } as const;
    const { stand, mirror, leaving, hire, holds } = await change(options);
    const robot = stand.secoda.state.addUser({ email: null, hidden: true });
    mirror.users.add(robot);
    expect(await stand.report('apply')).toMatchObject({
      code: 4,
      changes: [{ outcome: 'unsettled', unsettled: [robot.id], causes: { [robot.id]: {} } }],
    });
    expect(holds(leaving, robot, hire)).toEqual([false, false, true]);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync', warnings: [] });
  });

  it('stays where it is not what was refused', async () => {
    const { stand, mirror, hire, staying, bodies, holds } = await change();
    const robot = stand.secoda.state.addUser({ email: null, hidden: true });
    mirror.users.add(robot);
    hire.pending = true;
    staying.disabled = true;
    const when = ({ body }: { readonly body: string }) => body.includes(hire.id);
    stand.secoda.faults.add({ on: UPDATE, when, times: Infinity, effect: status(422, 'No.') });
    expect(await stand.report('apply')).toMatchObject({ code: 4, changes: [{ unsettled: [hire.email] }] });
    expect(holds(hire, robot, staying)).toEqual([false, true, true]);
    expect(bodies()).toEqual(['users', 'users']);
  });
});

describe('a name that is refused', () => {
  it('keeps nobody in and nobody out, and takes nobody’s place', async () => {
    const config = { users: { protect: ['p1@*'] } };
    const { stand, group, mirror, leaving, staying, hire, accounts, bodies, holds } = await change(
      {},
      { config },
    );
    const robot = stand.secoda.state.addUser({ email: null, hidden: true });
    mirror.users.add(robot);
    for (const account of accounts.slice(1)) account.disabled = true;
    stand.okta.state.renameGroup(group, 'Taken');
    const when = ({ body }: { readonly body: string }) => body.includes('"name"');
    const taken = status(409, { name: ['This name is taken.'] });
    stand.secoda.faults.add({ on: UPDATE, when, times: Infinity, effect: taken });
    const done = await stand.report('apply');
    expect(done).toMatchObject({ code: 4, changes: [{ outcome: 'unsettled', causes: {} }] });
    expect(done.changes[0]?.error).toContain('This name is taken.');
    expect(holds(leaving, staying, hire, robot)).toEqual([false, true, true, true]);
    expect([mirror.name, mirror.users.size]).toEqual(['Group A', 5]);
    expect(bodies()).toEqual(['name,users', 'users']);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
    expect(bodies()).toHaveLength(2);

    // It is no news when people are written on another night.
    stand.okta.state.leave(stand.okta.state.user('hire@acme.com'), group);
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ outcome: 'unsettled' }] });
    expect(holds(hire)).toEqual([false]);

    stand.okta.state.renameGroup(group, 'Free');
    stand.secoda.faults.clear();
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'applied' });
    expect(mirror.name).toBe('Free');
  });
});

describe('a description that is too long', () => {
  const long = { descriptionLimit: 120 } as const;

  it('keeps nobody in and nobody out of a group', async () => {
    const { stand, group, leaving, hire, bodies, holds } = await change(long);
    stand.okta.state.describeGroup(group, 'x'.repeat(200));
    const done = await stand.report('apply');
    expect(done.changes[0]?.error).toContain('no more than 120 characters');
    expect(holds(leaving, hire)).toEqual([false, true]);
    expect(bodies()).toEqual(['description,users', 'users']);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('is unsettled beside somebody who has not signed in, and tried again with them after a week alone', async () => {
    const { stand, group, hire, bodies } = await change({ ...long, invited: 'refused' });
    stand.okta.state.describeGroup(group, 'x'.repeat(200));
    hire.pending = true;
    expect(await stand.report('apply')).toMatchObject({ changes: [{ outcome: 'unsettled' }] });
    stand.jump(7 * DAY);
    const { length } = bodies();
    expect(await stand.report('apply')).toMatchObject({ code: 0, changes: [{ outcome: 'unsettled' }] });
    expect(bodies().slice(length)).toEqual(['description,users', 'users', 'description']);
    expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('keeps no group from being made, with its marker line', async () => {
    const { stand, bodies } = await change(long);
    const people = [...stand.okta.state.users.values()];
    const group = stand.okta.state.addGroup({ name: 'Fresh', description: 'x'.repeat(200), members: people });
    expect(await stand.report('apply', '--group', 'Fresh')).toMatchObject({
      code: 4,
      changes: [{ action: 'create', outcome: 'unsettled' }],
    });
    expect(stand.secoda.state.group('Fresh').description).toBe(markerOf(group));
    expect(membersOf(stand).Fresh).toHaveLength(5);
    expect(bodies()).toHaveLength(2);
    expect(await stand.report('apply', '--group', 'Fresh')).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('leaves a group as it is that does not bear our marker yet', async () => {
    const { stand, accounts, bodies } = await change({ descriptionLimit: 20 });
    const found = stand.secoda.state.addGroup({ name: 'By hand', users: accounts.slice(0, 2) });
    stand.okta.state.addGroup({ name: 'By hand', members: [...stand.okta.state.users.values()].slice(1) });
    expect(await stand.report('apply', '--group', 'By hand')).toMatchObject({
      changes: [{ outcome: 'failed' }],
    });
    expect([...found.users]).toEqual(accounts.slice(0, 2));
    expect(bodies()).toEqual(['description,users']);
  });
});

it('of everything that Secoda can refuse at once, four writes are refused at most, and one takes effect', async () => {
  const options = {
    disabled: 'refused',
    invited: 'refused',
    serviceAccounts: 'refused',
    descriptionLimit: 120,
    namesRefused: false,
  } as const;
  const { stand, group, mirror, leaving, staying, hire, bodies, holds } = await change(options);
  const robot = stand.secoda.state.addUser({ email: null, hidden: true });
  mirror.users.add(robot);
  [staying.disabled, hire.pending] = [true, true];
  stand.okta.state.describeGroup(group, 'x'.repeat(200));
  const done = await stand.report('apply');
  expect(done).toMatchObject({ code: 4, changes: [{ outcome: 'unsettled' }] });
  expect(done.changes[0]?.unsettled).toEqual(expect.arrayContaining([staying.email, hire.email, robot.id]));
  expect(holds(leaving, staying, hire, robot)).toEqual([false, false, false, false]);
  expect(bodies()).toEqual(['description,users', 'users', 'users', 'users']);
  expect(stand.secoda.state.writes.map(({ effective }) => effective)).toEqual([true]);
  expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
  expect(bodies()).toHaveLength(4);
});

it('a server that wants the name with each PATCH is asked so once, and gets it from then on', async () => {
  const stand = await scenario({ secoda: { patchNeedsName: true } });
  const { people, pairs } = smallWorld(stand);
  const [leaver] = people;
  if (!leaver) throw new Error('empty world');
  for (const { okta } of pairs) stand.okta.state.leave(leaver, okta);
  expect(await stand.report('apply')).toMatchObject({ code: 0, requests: { secoda: { writes: 4 } } });
});

describe('an onboarding', () => {
  it.each(NAMES)('gets somebody in past a suspended member and a hidden id (named: %s)', async (named) => {
    const options = { disabled: 'refused', serviceAccounts: 'refused', namesRefused: named } as const;
    const { stand, mirror, leaving, staying, hire, holds } = await change(options);
    staying.disabled = true;
    const robot = stand.secoda.state.addUser({ email: null, hidden: true });
    if (!named) mirror.users.add(robot);
    const told = await onboard(stand);
    const lost = named ? [staying.email] : [staying.email, robot.id];
    expect(told).toMatchObject({ code: 4, changes: [{ outcome: 'unsettled', add: ['hire@acme.com'] }] });
    expect(told.people).toEqual([{ email: 'hire@acme.com', answers: ['added to Group A'] }]);
    expect([...(told.changes[0]?.remove ?? [])].sort()).toEqual([...lost].sort());
    expect(Object.keys(told.changes[0]?.causes ?? {}).sort()).toEqual([...lost].sort());
    // Whoever leaves is for a full run.
    expect(holds(leaving, staying, hire, robot)).toEqual([true, false, true, false]);
    expect(await onboard(stand)).toMatchObject({ code: 0, status: 'in-sync' });
  });

  it('tells who was taken out by that', async () => {
    const { stand, staying } = await change({ disabled: 'refused' });
    staying.disabled = true;
    const { stdout } = await stand.sync('onboard', 'hire@acme.com');
    expect(stdout).toContain('Group A: taken out, since Secoda refuses to have them: p1@acme.com\n');
  });

  it('takes nobody out beyond the limits, or who is protected', async () => {
    for (const config of [
      { guard: { memberRemovals: { max: 0, percent: 0 } } },
      { users: { protect: ['p1@*'] } },
    ]) {
      const { stand, staying, hire, holds } = await change({ disabled: 'refused' }, { config });
      staying.disabled = true;
      expect(await onboard(stand)).toMatchObject({ code: 4, changes: [{ outcome: 'failed', remove: [] }] });
      expect(holds(staying, hire)).toEqual([true, false]);
    }
  });
});
