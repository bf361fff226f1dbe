import { expect, it } from 'vitest';
import type { Report } from '../../../lambda/core/report/report.ts';
import { type Effect, status } from '../../emulators/index.ts';
import { scenario, type Scenario } from '../scenario.ts';
import { smallWorld } from '../small-world.ts';

const GROUPS = 12;

/** So many groups in sync, and a hire with an account who is missing in all of them. */
async function withHire(): Promise<Scenario> {
  const stand = await scenario();
  const { pairs } = smallWorld(stand, { groups: GROUPS, people: 4 });
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  for (const { okta } of pairs) stand.okta.state.join(hire, okta);
  stand.secoda.state.addUser({ email: 'hire@acme.com' });
  return stand;
}

type Ended = Report & { readonly code: number };

/** The same twelve changes, once by a full run and once by an onboarding, where updates end like this. */
async function bothWays(spoil: (stand: Scenario) => void): Promise<readonly [apply: Ended, onboard: Ended]> {
  const [one, other] = [await withHire(), await withHire()];
  spoil(one);
  spoil(other);
  return [await one.report('apply'), await other.report('onboard', 'hire@acme.com')];
}

/** What a run says of its end and of each change; ids are not the same in two worlds. */
function told({ code, status: ended, error, changes }: Ended) {
  const plain = (text: string | null) =>
    text?.replaceAll(/[0-9a-f-]{36}|127\.0\.0\.1:\d+|(?<= in )\d+ s/g, '…') ?? null;
  return {
    ...{ code, status: ended, error: plain(error) },
    changes: changes.map(({ group, outcome, error: why }) => [group.name, outcome, plain(why)]),
  };
}

const outcomesOf = ({ changes }: Ended) => changes.map(({ outcome }) => outcome);
const always =
  (effect: Effect, nth = 1) =>
  (stand: Scenario) => {
    stand.secoda.faults.add({ on: 'secoda.group.update', nth, times: Infinity, effect });
  };
const rest = (count: number) => Array.from({ length: count }, () => 'not-attempted');

it.each([
  ['401', always(status(401)), ['failed', ...rest(11)]],
  ['403', always(status(403)), ['failed', ...rest(11)]],
  ['403 from the third on', always(status(403), 3), ['applied', 'applied', 'failed', ...rest(9)]],
  ['404', always(status(404)), Array.from({ length: GROUPS }, () => 'failed')],
  ['409', always(status(409)), Array.from({ length: GROUPS }, () => 'failed')],
])('an onboarding whose updates are answered with %s ends as a full run does', async (_, spoil, outcomes) => {
  const [apply, onboard] = await bothWays(spoil);
  expect(outcomesOf(apply)).toEqual(outcomes);
  expect(told(onboard)).toEqual(told(apply));
});

it.each([
  ['500', status(500)],
  ['503', status(503)],
  ['429 for ever', status(429, {}, { 'Retry-After': '1' })],
])('ten writes in a row that end in %s stop both in the same words', async (_, effect) => {
  const [apply, onboard] = await bothWays(always(effect));
  expect(told(onboard)).toEqual(told(apply));
  expect(outcomesOf(onboard)).toEqual([...Array.from({ length: 10 }, () => 'failed'), ...rest(2)]);
  expect(onboard.error).toMatch(
    /^Secoda failed 10 writes in a row, so the run stopped; the last one: PATCH /,
  );
});

it('nine server failures in a row, and some more after a success, stop neither', async () => {
  const [apply, onboard] = await bothWays((stand) => {
    const { id } = [...stand.secoda.state.groups.values()].find(({ name }) => name === 'Group J') ?? {
      id: '',
    };
    stand.secoda.faults.add({
      on: 'secoda.group.update',
      times: Infinity,
      effect: status(500),
      when: ({ path }) => !path.includes(id),
    });
  });
  expect(told(onboard)).toEqual(told(apply));
  const failed = (count: number) => Array.from({ length: count }, () => 'failed');
  expect(outcomesOf(onboard)).toEqual([...failed(9), 'applied', ...failed(2)]);
});

it('reads that are not allowed while they are written leave the joins not attempted, since nothing was sent', async () => {
  const stand = await withHire();
  stand.secoda.faults.add({ on: 'secoda.group.get', times: Infinity, effect: status(403) });
  const onboard: Ended = await stand.report('onboard', 'hire@acme.com');
  expect(onboard).toMatchObject({ code: 6, status: 'failed' });
  expect(outcomesOf(onboard)).toEqual(rest(GROUPS));
});
