import type { Change } from '../../core/plan/change.ts';
import { contentOf } from '../../core/groups/settled-content.ts';
import type { Identity } from '../../core/people/identity.ts';
import { isNamedBy } from '../../core/groups/match.ts';
import { byMember } from '../../core/people/members.ts';
import type { Memory } from '../../core/model/memory.ts';
import type { WorkspaceGroup } from '../../core/model/workspace.ts';
import { sameName } from '../../core/model/text.ts';
import type { ChangeOutcome } from '../../core/report/report.ts';

interface CutOff {
  /** As Secoda lists them now. */
  readonly groups: readonly WorkspaceGroup[];
  readonly identity: Identity;
  readonly memory: Memory;
  /** Of this deployment. */
  readonly name: string;
  /** When the run began, in epoch milliseconds: what is remembered of a later write is of this run. */
  readonly since: number;
}

/** What a slice had done about a change before it was cut off. */
type DoneBefore =
  /** The group shows it: this is what was written, as far as it shows, and nothing of it is remembered yet. */
  | { readonly written: Change; readonly group: WorkspaceGroup }
  /** The outcome was remembered already, or the group is gone as it should be. */
  | { readonly outcome: ChangeOutcome };

/**
 * What a slice that was cut off had done about an approved change that is no longer needed. Nobody kept what it wrote: what
 * the group shows of the change tells. `null` when it shows nothing of it, so that nothing was written.
 */
export function doneBefore(planned: Change, input: CutOff): DoneBefore | null {
  const { memory, identity, since, name } = input;
  const group = input.groups.find((each) => isNamedBy(each, planned, name));
  if (planned.action === 'delete') {
    return group === undefined ? { outcome: outcomeOf(planned, [], null) } : null;
  }
  if (group === undefined) return null;
  const written = shownBy(planned, group, identity);
  const remembered = memory.groups.get(group.id);
  if (remembered !== undefined && remembered.triedAt >= since) {
    const { unsettled, shortfall } = remembered;
    const people = unsettled.map(({ userId }) => identity.addressOfUser(userId) ?? userId);
    return { outcome: outcomeOf(written, people, shortfall ?? null) };
  }
  return showsAnyOf(planned, written, group) ? { written, group } : null;
}

/** The change that leads from the group as it was planned with to the group as it stands. */
function shownBy(planned: Change, group: WorkspaceGroup, identity: Identity): Change {
  const before = new Set(planned.before?.members.map(({ userId }) => userId));
  const now = new Set(group.userIds);
  const gone = new Set(planned.remove.filter(({ ineligible }) => ineligible).map(({ userId }) => userId));
  return {
    ...planned,
    secodaId: group.id,
    name: group.name,
    renamedFrom: sameName(group.name, planned.name) ? planned.renamedFrom : null,
    add: [...now]
      .filter((id) => !before.has(id))
      .map((id) => identity.member(id))
      .sort(byMember),
    remove: [...before]
      .filter((id) => !now.has(id))
      .map((id) => ({ ...identity.member(id), ineligible: gone.has(id) }))
      .sort(byMember),
    content: contentOf(group),
  };
}

function showsAnyOf(planned: Change, written: Change, group: WorkspaceGroup): boolean {
  if (planned.action === 'create') return true;
  const ids = (members: readonly { readonly userId: string }[]) =>
    new Set(members.map(({ userId }) => userId));
  const described = planned.content?.description !== planned.before?.description;
  return (
    !ids(planned.add).isDisjointFrom(ids(written.add)) ||
    !ids(planned.remove).isDisjointFrom(ids(written.remove)) ||
    written.renamedFrom !== null ||
    (described && group.description === planned.content?.description)
  );
}

/** All of it is news: the run has told nobody yet. */
function outcomeOf(written: Change, unsettled: readonly string[], shortfall: string | null): ChangeOutcome {
  const whole = unsettled.length === 0 && shortfall === null;
  return { outcome: whole ? 'applied' : 'unsettled', written, unsettled, news: !whole, error: shortfall };
}
