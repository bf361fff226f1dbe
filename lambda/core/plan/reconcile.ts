import type { Change, Handover, Plan } from './change.ts';
import type { GroupContent, Member, WorkspaceGroup } from '../model/workspace.ts';
import { waitingIn, whileWaiting, whyWaiting } from './waiting-removals.ts';
import type { Identity } from '../people/identity.ts';
import { whilePeopleStay } from '../groups/marker.ts';
import { byText, sameName } from '../model/text.ts';

/** What of an approved change can be written now: all, a part while some of its people have to stay, or nothing. */
export interface Due {
  readonly change: Change | null;
  /** Why nothing, or not all of it, is written; `null` when all of it is. */
  readonly reason: string | null;
  /** The people who have to stay until other groups show them. */
  readonly waiting: readonly Handover[];
  /** Nothing is left to do about the group, but for these people: what the change asked for may have been written already. */
  readonly agreed: boolean;
}

/** What is due of an approved change, by what planning says now and by Secoda's groups as they stand. */
export function dueNow(
  approved: Change,
  fresh: Plan,
  groups: Iterable<WorkspaceGroup>,
  name: string,
  identity: Identity,
): Due {
  const now = reconcile(approved, fresh);
  if (now.change === null) return now;
  const waiting = waitingIn(approved, groups, name);
  const change = whileWaiting(now.change, waiting, identity);
  const reason = waiting.length > 0 ? whyWaiting(waiting) : null;
  return { change, reason, waiting, agreed: change === null };
}

/** Lays an approved change over what planning says now: additions as they are now, harm only if approved and still wanted. */
export function reconcile(approved: Change, fresh: Plan): Due {
  const now = fresh.changes.find((change) => isAbout(approved, change));
  const shares = ({ oktaIds }: Pick<Change, 'oktaIds'>) =>
    oktaIds.some((id) => approved.oktaIds.includes(id));
  if (now === undefined) {
    const skip = fresh.skipped.find((each) => each.secodaId === undefined && shares(each));
    if (skip !== undefined) return no(skip.reason);
    const doubt = fresh.warnings.find((each) => each.kind === 'doubted' && shares(each));
    if (doubt !== undefined) return no(doubt.message);
    const held = fresh.warnings.find((each) => each.kind === 'name-held' && shares(each));
    if (held !== undefined && approved.renamedFrom !== null) return no(held.message);
    return { ...no(nothingLeft(approved, fresh.changes.filter(shares))), agreed: true };
  }
  if (now.action === 'delete')
    return approved.withheld === undefined ? reconcileDeletion(approved, now) : reduce(approved, now);
  if (approved.action === 'delete' && now.add.length > 0) return no('the group is wanted again');
  if (now.action === 'create' && approved.action !== 'create')
    return no('the group was deleted in Secoda meanwhile, or is no longer ours');
  if (now.adopted && !approved.adopted) return no('a hand-made group of this name has appeared meanwhile');
  return narrow(approved, now);
}

function isAbout(approved: Change, now: Change): boolean {
  if (approved.secodaId !== null && now.secodaId !== null) return approved.secodaId === now.secodaId;
  return approved.oktaIds.some((id) => now.oktaIds.includes(id));
}

/** `others`: what is to be done about other Secoda groups on account of the same Okta groups. */
function nothingLeft({ action }: Change, others: readonly Change[]): string {
  if (action === 'delete') return 'the group is gone already, or is to stay by now';
  const other = others.find((change) => change.action === 'update' && !change.superseded);
  return other === undefined
    ? 'it is no longer needed: both sides agree by now'
    : `by now the Secoda group ${other.secodaId ?? ''} stands for its Okta groups`;
}

function reconcileDeletion(approved: Change, now: Change): Due {
  if (approved.action !== 'delete') return no('the group would be deleted by now, which nobody approved');
  const seen = new Set(approved.remove.map(({ userId }) => userId));
  const joined = now.remove.filter(({ userId }) => !seen.has(userId)).length;
  if (joined > 0) return no(`${joined} people joined the group since its deletion was planned`);
  return yes(asApproved(approved, now));
}

/** Takes out of a group whose deletion the guard holds only those whose removal it does not. */
function reduce(approved: Change, now: Change): Due {
  const mayLeave = new Set(approved.remove.map(({ userId }) => userId));
  const remove = now.remove.filter(({ userId }) => mayLeave.has(userId));
  if (now.before === null || remove.length === 0) return no('its deletion waits for an approval');
  const { name, description, members } = now.before;
  const gone = new Set(remove.map(({ userId }) => userId));
  const userIds = members.map(({ userId }) => userId).filter((id) => !gone.has(id));
  const content = { name, description, userIds: userIds.sort(byText) };
  const change = { ...asApproved(approved, { ...now, remove }), action: 'update', content } as const;
  return yes(change);
}

/** Takes out of a fresh update every harm that was not approved. */
function narrow(approved: Change, now: Change): Due {
  if (now.content === null) return no('it is no longer needed');
  const mayLeave = new Set(approved.remove.map(({ userId }) => userId));
  const remove = now.remove.filter(({ userId }) => mayLeave.has(userId));
  const stay = now.remove.filter(({ userId }) => !mayLeave.has(userId));
  const renamed = now.renamedFrom !== null;
  const mayRename = approved.renamedFrom !== null && sameName(approved.name, now.name);
  const name = renamed && !mayRename ? now.renamedFrom : now.content.name;
  const { description } = now.content;
  const withheld = new Set(now.add.map(({ userId }) => userId)).intersection(new Set(approved.withheld));
  const content: GroupContent = {
    name,
    description: stay.length > 0 ? whilePeopleStay(now.before?.description ?? '', description) : description,
    userIds: [
      ...now.content.userIds.filter((id) => !withheld.has(id)),
      ...stay.map(({ userId }) => userId),
    ].sort(byText),
  };
  const change = {
    ...asApproved(approved, { ...now, add: now.add.filter(({ userId }) => !withheld.has(userId)), remove }),
    content,
    name,
    renamedFrom: renamed && mayRename ? now.renamedFrom : null,
  };
  const emptied = content.userIds.length === 0 && remove.length > 0;
  if (emptied && approved.content?.userIds.length !== 0)
    return no('it would be emptied by now, which nobody approved');
  if (changesNothing(change)) return no('what is left of it was not approved');
  return yes(change);
}

/** A fresh change, with what the approved one knows of why people come and go. */
function asApproved(approved: Change, now: Change): Change {
  const known = new Map([...approved.add, ...approved.remove].map((each) => [each.userId, each.why]));
  const traced = <M extends Member>(member: M): M => {
    const why = known.get(member.userId);
    return why === undefined ? member : { ...member, why };
  };
  const word = approved.approved === undefined ? {} : { approved: approved.approved };
  return { ...now, ...word, add: now.add.map(traced), remove: now.remove.map(traced) };
}

/** Whether nothing is left of an update. */
export function changesNothing({ action, before, content, add, remove, renamedFrom }: Change): boolean {
  if (action !== 'update' || before === null || content === null) return false;
  return (
    add.length + remove.length === 0 && renamedFrom === null && content.description === before.description
  );
}

function yes(change: Change): Due {
  return { change, reason: null, waiting: [], agreed: false };
}

function no(reason: string): Due {
  return { change: null, reason, waiting: [], agreed: false };
}
