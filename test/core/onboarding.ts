import { baselineOf } from '../../lambda/core/groups/baseline.ts';
import type { Sought } from '../../lambda/core/plan/join.ts';
import { type Onboarding, planOnboarding } from '../../lambda/core/plan/plan-onboarding.ts';
import { identityOf, inputOf, NOW, person, type World } from './world.ts';

/** What Okta would answer about an address in this world. */
export function soughtIn({ okta = [] }: World, email: string): Sought {
  const people = okta.flatMap(({ people: list }) => list ?? []);
  const own = people.map((each) => (typeof each === 'string' ? person(each) : each));
  const fitting = own.filter((each) => each.email?.trim().toLowerCase() === email);
  const inGroup = (id: string, list: World['okta']) =>
    (list ?? []).flatMap((side) =>
      (side.people ?? []).some((each) => (typeof each === 'string' ? person(each) : each).id === id)
        ? [side.id]
        : [],
    );
  const records = [...new Map(fitting.map((each) => [each.id, each])).values()];
  return { email, records: records.map((each) => ({ person: each, groupIds: inGroup(each.id, okta) })) };
}

/** What onboarding these people comes to in this world. `but`: what of it is otherwise. */
export function onboardingOf(
  world: World,
  emails: readonly string[],
  but: Partial<Parameters<typeof planOnboarding>[0]> = {},
): Onboarding {
  const input = inputOf(world);
  const identity = identityOf(world.people ?? {}, world.users ?? []);
  const base = baselineOf({ ...input, identity, groups: input.workspace.groups, isTarget: () => true });
  return planOnboarding({
    sought: emails.map((email) => soughtIn(world, email)),
    companions: [],
    identity,
    baseline: base,
    memory: input.memory,
    invite: null,
    invited: new Map(),
    inviteAgain: false,
    moved: [],
    warnings: [],
    now: NOW,
    ...but,
  });
}
