import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { judgeInPart } from '../../../lambda/core/guard/guard.ts';
import { settledBy } from '../../../lambda/core/guard/hold.ts';
import type { GuardRules } from '../../../lambda/core/model/rules.ts';
import { readMarker } from '../../../lambda/core/groups/marker.ts';
import { type Fault, type Judging, membersIn, type Played, playRun } from '../play-run.ts';
import { at, GUARD, handMade, inputOf, users, type World } from '../world.ts';

const OKTA_IDS = ['g1', 'g2', 'g3', 'g4', 'g5'];
const NAMES = ['A', 'B', 'C', 'D', 'E'];
const USER_IDS = ['u1', 'u2', 'u3', 'u4', 'u5'];

/** A night: to which names the groups are mapped, who is in them, and what is odd about it. */
interface Night {
  readonly names: readonly string[];
  readonly people: readonly (readonly string[])[];
  /** An Okta group that vanishes while it is read, so that what shares a Secoda group with it is left alone. */
  readonly vanishing: string | null;
  /** The name of a group that somebody has made by hand. */
  readonly handMade: string | null;
  readonly memory: 'kept' | 'lost' | 'old';
  readonly fault: Fault | null;
}

const anyNight: fc.Arbitrary<Night> = fc.record({
  names: fc.tuple(...OKTA_IDS.map(() => fc.constantFrom(...NAMES))),
  people: fc.tuple(...OKTA_IDS.map(() => fc.subarray(USER_IDS, { minLength: 1, maxLength: 3 }))),
  vanishing: fc.option(fc.constantFrom(...OKTA_IDS), { freq: 5 }),
  handMade: fc.option(fc.constantFrom(...NAMES), { freq: 5 }),
  memory: fc.constantFrom('kept', 'kept', 'lost', 'old'),
  fault: fc.option(
    fc.record({ at: fc.integer({ min: 0, max: 5 }), how: fc.constantFrom('fails', 'refused', 'kill') }),
    { freq: 1 },
  ),
});

/** How both sides stand when the run of this night begins. `oldest`: as the first run left them. */
function evening(night: Night, before: World, oldest: World): World {
  // An old memory can know an emptied group and not the one that took its people since: that one then passes for a copy.
  const old = before.whenGone === 'empty' ? before.memory : oldest.memory;
  const memory = { kept: before.memory, lost: {}, old }[night.memory] ?? {};
  const made = night.handMade === null ? [] : [handMade(`by-hand-${newId()}`, night.handMade)];
  return {
    ...before,
    okta: OKTA_IDS.map((id, index) => ({
      id,
      name: `Okta's ${id}`,
      people: id === night.vanishing ? null : (night.people[index] ?? []).map(at),
    })),
    mapping: { map: new Map(OKTA_IDS.map((id, index) => [id, night.names[index] ?? ''])) },
    users: users(...USER_IDS),
    groups: [...(before.groups ?? []), ...made],
    memory,
  };
}

let ids = 0;
const newId = () => `${ids++}`;

/** Holds nearly all losses, and groups that grow. */
const HOLD: GuardRules = {
  ...GUARD,
  groupDeletions: { max: 0, percent: 0 },
  memberRemovals: { max: 1, percent: 0 },
  additionsPerGroup: { max: 1, percent: 50 },
  adoptions: { max: 99 },
  overLimit: 'hold',
};
const holding: Judging = (plan, world) => judgeInPart(plan, HOLD, null, settledBy(inputOf(world)));

/** Plays nights one after the other and looks at each. */
function eachNight(look: (start: World, end: Played, night: Night) => void, judging?: Judging): void {
  const play = (nights: readonly Night[], whenGone: 'delete' | 'empty') => {
    let world: World = { whenGone };
    let oldest = world;
    for (const [index, night] of nights.entries()) {
      const start = evening(night, world, oldest);
      const end = playRun(start, night.fault, newId, judging);
      look(start, end, night);
      ({ world } = end);
      if (index === 0) oldest = world;
    }
  };
  const nights = fc.array(anyNight, { minLength: 2, maxLength: 4 });
  fc.assert(fc.property(nights, fc.constantFrom('delete', 'empty'), play), {
    numRuns: judging === undefined ? 150 : 75,
  });
}

const markerOf = (description: string) => readMarker(description)?.oktaIds.join();
const idsIn = ({ okta = [] }: World, userId: string) =>
  okta.filter(({ people }) => people?.includes(at(userId)) === true).map(({ id }) => id);

/** The Secoda groups in which somebody is for one of their Okta groups, by person and Okta group. */
function places(world: World): ReadonlyMap<string, readonly string[]> {
  const pairs = (world.groups ?? []).flatMap(({ id, description, userIds }) => {
    const mirrored = new Set(readMarker(description)?.oktaIds);
    return userIds.flatMap((user) =>
      idsIn(world, user).flatMap((oktaId) =>
        mirrored.has(oktaId) ? [{ key: `${user} ${oktaId}`, id }] : [],
      ),
    );
  });
  return new Map(
    [...Map.groupBy(pairs, ({ key }) => key)].map(([key, each]) => [key, each.map(({ id }) => id)]),
  );
}

describe('however groups are mapped anew, night after night, with a write that fails and a memory that is lost', () => {
  it.each([
    ['approved', undefined],
    ['held', holding],
  ])(
    'nobody leaves a group for an Okta group that they are still in before another one shows them: %s',
    (_, judging) => {
      eachNight((start, { world }) => {
        const next = places(playRun(world, null, newId).world);
        for (const [key, before] of places(start)) {
          const fitting = [...before, ...(next.get(key) ?? [])];
          const there = (world.groups ?? []).filter(({ id }) => fitting.includes(id));
          expect(there.flatMap(({ userIds }) => userIds)).toContain(key.split(' ')[0]);
        }
      }, judging);
    },
  );

  it('whoever is in no Okta group any more leaves at once, but for what could not be written or is left alone', () => {
    eachNight((start, { world, plan, failed }, { fault }) => {
      if (fault?.how === 'kill') return;
      const leftAlone = new Set(plan.skipped.flatMap(({ oktaIds }) => oktaIds));
      for (const { id, description, userIds } of world.groups ?? []) {
        const mirrored = readMarker(description)?.oktaIds ?? [];
        if (failed.has(id) || mirrored.some((each) => leftAlone.has(each))) continue;
        expect(userIds.filter((user) => idsIn(start, user).length === 0)).toEqual([]);
      }
    });
  });

  it.each([
    ['approved', undefined],
    ['held', holding],
  ])('no group is made a second time, and none of ours becomes a copy: %s', (_title, judging) => {
    eachNight((_, { world }) => {
      const markers = (world.groups ?? []).flatMap(({ description }) => markerOf(description) ?? []);
      expect(markers).toEqual([...new Set(markers)]);
      expect([...(world.memory?.copies ?? [])]).toEqual([]);
    }, judging);
  });

  it('one more run comes to the same end as without a fault', () => {
    eachNight((start, { world }) => {
      const [mended, clean] = [world, playRun(start, null, newId).world].map((each) =>
        playRun(each, null, newId),
      );
      expect(membersIn(mended?.world ?? {})).toEqual(membersIn(clean?.world ?? {}));
    });
  });
});
