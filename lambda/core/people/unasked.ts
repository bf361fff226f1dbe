import { sureMembers, type Unasked } from '../groups/doubted.ts';
import { createIdentity } from './identity.ts';
import { outsiders } from './people-report.ts';
import type { PlanInput } from '../plan/plan.ts';
import { baselineOf } from '../groups/baseline.ts';

/** The addresses that Okta has to be asked for before anybody may leave a doubted group. */
export function unaskedIn({ targets, ...input }: PlanInput): readonly Unasked[] {
  const { rules, directory, workspace } = input;
  const identity = createIdentity(rules.people, workspace.users);
  const isTarget = (id: string) => targets === null || targets.has(id);
  const isOut = outsiders(directory, identity);
  const { doubted } = baselineOf({ ...input, groups: workspace.groups, identity, isTarget });
  const unasked = doubted
    .filter(({ oktaIds }) => oktaIds.some(isTarget))
    .flatMap((each) => sureMembers(each, directory, identity, isOut).unasked);
  return [...new Map(unasked.map((each) => [each.address, each])).values()];
}
