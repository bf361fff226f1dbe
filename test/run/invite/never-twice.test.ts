import fc from 'fast-check';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { type Effect, late, resetAfter, resetBefore, status } from '../../emulators/index.ts';
import { smallWorld } from '../small-world.ts';
import { type Scenario, scenario } from '../scenario.ts';

const INVITE = 'secoda.user.invite';
const MINUTE = 60_000;
/** What can become of a call. `late`: it takes effect so many minutes after its connection was cut. */
type Call = 'accepted' | 'refused' | 'fails' | 'lost before' | 'lost after' | { readonly late: number };
type Step =
  | { readonly do: 'run'; readonly calls: readonly Call[] }
  | { readonly do: 'wait'; readonly minutes: number }
  | { readonly do: 'hire' }
  | { readonly do: 'list invited' | 'hide invited' | 'sign in' };

const call: fc.Arbitrary<Call> = fc.oneof(
  fc.constantFrom('accepted' as const, 'refused' as const, 'fails' as const),
  fc.constantFrom('lost before' as const, 'lost after' as const),
  fc.record({ late: fc.integer({ min: 0, max: 9 }) }),
);
const common = [
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('run' as const), calls: fc.array(call, { maxLength: 3 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('wait' as const), minutes: fc.constantFrom(1, 5, 11, 1_440) }),
  },
  { weight: 1, arbitrary: fc.constant<Step>({ do: 'hire' }) },
];
const steps = (...more: readonly Step[]) =>
  fc.array(fc.oneof(...common, ...more.map((step) => ({ weight: 1, arbitrary: fc.constant(step) }))), {
    minLength: 2,
    maxLength: 12,
  });

async function hiring(listsInvited: boolean) {
  const stand = await scenario({ config: { users: { invite: { role: 'viewer' } } } });
  const { pairs } = smallWorld(stand, { groups: 2 });
  stand.secoda.state.listsInvited = listsInvited;
  const hires: string[] = [];
  const hire = () => {
    const email = `hire${hires.length}@acme.com`;
    const user = stand.okta.state.addUser({ email });
    // In leases, so that they do not all share one call.
    for (const { okta } of pairs.slice(0, 1 + (hires.length % 2))) stand.okta.state.join(user, okta);
    hires.push(email);
  };
  for (let n = 0; n < 3; n++) hire();
  const waiting: { readonly at: number; readonly happen: () => Promise<void> }[] = [];
  const wait = async (minutes: number) => {
    const until = stand.clock.now() + minutes * MINUTE;
    for (const each of waiting.filter(({ at }) => at <= until)) {
      stand.jump(Math.max(0, each.at - stand.clock.now()));
      await each.happen();
      waiting.splice(waiting.indexOf(each), 1);
    }
    stand.jump(Math.max(0, until - stand.clock.now()));
  };
  const effectOf = (what: Call): Effect | null => {
    if (typeof what === 'object') {
      const { effect, happen } = late();
      waiting.push({ at: stand.clock.now() + what.late * MINUTE, happen });
      return effect;
    }
    if (what === 'accepted') return null;
    if (what === 'refused') return status(400, { email: ['No.'] });
    return what === 'fails' ? status(503) : what === 'lost before' ? resetBefore() : resetAfter();
  };
  const run = async (calls: readonly Call[]) => {
    for (const [n, what] of calls.entries()) {
      const effect = effectOf(what);
      if (effect !== null) stand.secoda.faults.add({ on: INVITE, nth: n + 1, effect });
    }
    await stand.report('apply');
    stand.secoda.faults.clear();
    waiting.sort((a, b) => a.at - b.at);
  };
  return { stand, hires, hire, wait, run };
}

async function play(all: readonly Step[], listsInvited: boolean) {
  const world = await hiring(listsInvited);
  const { state } = world.stand.secoda;
  for (const step of all) {
    if (step.do === 'run') await world.run(step.calls);
    else if (step.do === 'wait') await world.wait(step.minutes);
    else if (step.do === 'hire') world.hire();
    else if (step.do === 'sign in') for (const user of state.users.values()) state.activate(user);
    else state.listsInvited = step.do === 'list invited';
  }
  await world.wait(11);
  return world;
}

async function notes(
  stand: Scenario,
): Promise<readonly { readonly email: string; readonly sure: boolean }[]> {
  const file = await stand.read('invited.json');
  return z.object({ people: z.array(z.object({ email: z.string(), sure: z.boolean() })) }).parse(file).people;
}

/** Everybody who got more than one e-mail. */
function twice({ secoda }: Scenario): readonly string[] {
  const { mailed } = secoda.state;
  return mailed.filter((email, n) => mailed.indexOf(email) !== n);
}

/** Runs without a fault. */
async function calm({ hire, run, wait }: Awaited<ReturnType<typeof hiring>>) {
  hire();
  for (let n = 0; n < 3; n++) {
    await run([]);
    await wait(11);
  }
}

it.each([
  ['shows invited people, and everybody is invited or held', true],
  ['hides them until they sign in', false],
] as const)(
  'nobody is invited twice where the users list %s',
  async (_, listsInvited) => {
    await fc.assert(
      fc.asyncProperty(steps({ do: 'sign in' }), async (all) => {
        const world = await play(all, listsInvited);
        await calm(world);
        expect(twice(world.stand)).toEqual([]);
        const { mailed } = world.stand.secoda.state;
        const held = (await notes(world.stand)).filter(({ sure }) => !sure).map(({ email }) => email);
        if (listsInvited) expect(new Set([...mailed, ...held])).toEqual(new Set(world.hires));
      }),
      { numRuns: 5, endOnFailure: true },
    );
  },
  240_000,
);

it('nobody is invited twice where the users list shows them at one time and hides them at another', async () => {
  await fc.assert(
    fc.asyncProperty(
      steps({ do: 'list invited' }, { do: 'hide invited' }),
      fc.boolean(),
      async (all, listsInvited) => {
        const world = await play(all, listsInvited);
        await calm(world);
        expect(twice(world.stand)).toEqual([]);
      },
    ),
    {
      numRuns: 5,
      endOnFailure: true,
      examples: [
        // A list that showed somebody two minutes ago, and shows nobody any more when the first call has taken effect.
        [
          [
            { do: 'run', calls: [{ late: 9 }] },
            { do: 'wait', minutes: 8 },
            { do: 'run', calls: [] },
            { do: 'hide invited' },
            { do: 'wait', minutes: 2 },
            { do: 'run', calls: [] },
          ],
          true,
        ],
      ],
    },
  );
}, 240_000);
