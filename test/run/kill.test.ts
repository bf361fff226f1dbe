import { describe, expect, it } from 'vitest';
import { after, before, type Effect } from '../emulators/index.ts';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { type Scenario, scenario } from './scenario.ts';

/** Runs the real command line in a process of its own, killed with SIGKILL when the fault strikes. */
async function killedAt(
  stand: Scenario,
  on: string,
  nth: number,
  moment: (kill: () => void) => Effect,
): Promise<void> {
  const child = stand.spawn(['apply'], ['ignore', 'ignore', 'ignore']);
  const gone = new Promise<string | null>((done) => child.once('exit', (_code, signal) => done(signal)));
  const effect = moment(() => child.kill('SIGKILL'));
  (on.startsWith('okta') ? stand.okta : stand.secoda).faults.add({ on, nth, effect });
  expect(await gone).toBe('SIGKILL');
  stand.okta.faults.clear();
  stand.secoda.faults.clear();
}

const END = {
  'Group A': ['p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  'Group B': ['hire@acme.com', 'p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
  New: ['p0@acme.com', 'p1@acme.com', 'p2@acme.com', 'p3@acme.com'],
};

describe('a run that is killed', () => {
  it.each([
    ['okta.group.users', 1],
    ['secoda.group.list', 1],
    ['secoda.group.list', 2],
    ['secoda.group.update', 1],
    ['secoda.group.update', 2],
    ['secoda.group.create', 1],
    ['secoda.group.delete', 1],
    ['secoda.group.list', 3],
  ])('at %s, call %i, before or after it took effect, is made good by the next one', async (on, nth) => {
    for (const moment of [before, after]) {
      const stand = await scenario();
      drift(stand, smallWorld(stand));
      await killedAt(stand, on, nth, moment);
      const started = stand.clock.now();
      const { code } = await stand.sync('apply');
      expect(code).toBe(0);
      expect(membersOf(stand)).toEqual(END);
      expect(stand.secoda.state.groups.size).toBe(3);
      expect(await stand.report('apply')).toMatchObject({ code: 0, status: 'in-sync' });
      // The lease of a dead process is taken at once, not after its minute.
      expect(stand.clock.now() - started).toBeLessThan(20_000);
    }
  });
});
