import type { Change } from './change.ts';
import type { GroupContent, Removal, WorkspaceGroup } from '../model/workspace.ts';
import type { Identity } from '../people/identity.ts';
import { markerLine, readMarker } from '../groups/marker.ts';
import { staysAnyway } from '../people/members.ts';

const REFUSED = { cause: 'refused-by-secoda', oktaId: null, okta: null } as const;

/** What is sent of a change at once. */
export interface Attempt {
  /** What of the group is to be different; everything, where it is to be made. Empty: nothing is left to be sent. */
  readonly fields: Partial<GroupContent>;
  /** Ids of people whom the change asks for and this does not. */
  readonly leftOut: readonly string[];
  /** Those of them who are members now, and would be no longer. */
  readonly lost: readonly Removal[];
}

/** All of a change: the fields that differ from the group as it stands. `current`: `null` where it is to be made. */
export function wholeOf(content: GroupContent, current: WorkspaceGroup | null): Attempt {
  return { fields: differing(content, current), leftOut: [], lost: [] };
}

/** So many requests a group may be refused, beside the one that asks for a name. */
const MOST_REFUSED = 4;

/**
 * What to ask for in place of a change that Secoda refused, less each time: its people alone; then without new ones who are not
 * active; then, only where people alone were refused, without members who are not active or not on the users list; and where none
 * of that helps, without anybody new. Whom Secoda names goes first: it may name one at a time. New ones whom it never named come
 * back with the first members who are left out, unless the try may be needed so that somebody leaves. `refusal`, and what is passed
 * after each attempt: what Secoda said.
 */
export function* lesserAttempts(
  content: GroupContent,
  current: WorkspaceGroup | null,
  identity: Identity,
  refusal: string,
): Generator<Attempt, undefined, string> {
  let said = refusal;
  let refusals = 1;
  const isNamed = (id: string) => names(said, id) || names(said, identity.user(id)?.email ?? id);
  const whole = wholeOf(content, current);
  const alone = peopleAlone(content, current);
  if (alone !== null && !isSame(alone, whole.fields)) {
    said = yield { ...whole, fields: alone };
    refusals++;
  }

  const members = new Set(current?.userIds);
  const isNew = (id: string) => !members.has(id);
  const doubted = new Set(
    content.userIds.filter((id) => isNew(id) && (identity.user(id)?.active === false || isNamed(id))),
  );
  const rest = content.userIds.filter((id) => !doubted.has(id));
  const unnamed = [...doubted].filter((id) => !isNamed(id));
  if (doubted.size > 0) {
    said = yield { fields: withPeople(rest, content, alone, current), leftOut: [...doubted], lost: [] };
    refusals++;
  }
  // Only people who were refused alone tell that it was they, and not a name: nobody loses their place for that.
  if (alone === null) return;

  const staying = rest.filter((id) => !isNew(id));
  const canLeave = staying.length < rest.length && staying.length < members.size;
  const out = new Set(doubted);
  // Leaving them out was not enough, so that it may not be they: they come back while a try is left for being wrong.
  const back = new Set(canLeave ? [] : unnamed.filter((id) => !isNamed(id)));
  for (; refusals < MOST_REFUSED; refusals++) {
    const isLast = refusals === MOST_REFUSED - 1;
    const left = content.userIds.filter((id) => !out.has(id));
    const lost = [...out].filter((id) => members.has(id));
    if (lost.length === 0 && differing({ ...content, userIds: left }, current).userIds === undefined) {
      yield { fields: {}, leftOut: [...out], lost: [] };
      return;
    }
    const named = [...left, ...back].filter(
      (id) => isNamed(id) && (isNew(id) || !isActiveUser(id, identity)),
    );
    if (named.some((id) => !isNew(id) && identity.isProtected(id))) return;
    const odd = left.filter((id) => !isNew(id) && !isActiveUser(id, identity) && !identity.isProtected(id));
    const refused = named.length > 0 && !isLast ? named : [...named, ...odd];
    if (refused.length === 0 && (back.size === 0 || lost.length === 0)) break;
    for (const id of refused) out.add(id);
    if (refused.length === 0 || isLast) back.clear();
    for (const id of named) back.delete(id);
    said = yield without(out.difference(back), content, members, identity);
  }
  // Somebody new is refused of whom nothing tells it: at least nobody stays in for that.
  if (refusals < MOST_REFUSED && canLeave)
    yield without(new Set(content.userIds.filter(isNew)), content, members, identity);
}

function without(
  out: ReadonlySet<string>,
  { userIds }: GroupContent,
  members: ReadonlySet<string>,
  identity: Identity,
): Attempt {
  const lost = [...out].filter((id) => members.has(id));
  return {
    fields: { userIds: userIds.filter((id) => !out.has(id)) },
    leftOut: [...out],
    lost: lost.map((id) => ({ ...identity.member(id), ineligible: false, why: REFUSED })),
  };
}

/** Who lost their place by a change because Secoda refused them. */
export function lostBy({ remove }: Change): readonly Removal[] {
  return remove.filter(({ why }) => why?.cause === 'refused-by-secoda');
}

/** What a later plan will ask for: whoever was only carried along, and lost, is not wanted by anybody. */
export function askedAgain(content: GroupContent, lost: readonly Removal[], identity: Identity) {
  const gone = new Set(lost.map(({ userId }) => userId).filter((id) => staysAnyway(id, identity)));
  return { ...content, userIds: content.userIds.filter((id) => !gone.has(id)) };
}

function differing(content: GroupContent, current: WorkspaceGroup | null): Partial<GroupContent> {
  if (current === null) return content;
  const { name, description, userIds } = content;
  const changed = new Set(userIds).symmetricDifference(new Set(current.userIds)).size > 0;
  return {
    ...(name !== current.name && { name }),
    ...(description !== current.description && { description }),
    ...(changed && { userIds }),
  };
}

/** `null` where our marker does not stand yet: nobody's place is changed in a group that is not seen to be ours. */
function peopleAlone(content: GroupContent, current: WorkspaceGroup | null): Partial<GroupContent> | null {
  const marker = readMarker(content.description);
  if (marker === null) return null;
  if (current === null) return { ...content, description: markerLine(marker) };
  if (readMarker(current.description)?.via !== marker.via) return null;
  const { userIds } = differing(content, current);
  return userIds === undefined ? {} : { userIds };
}

/** Less people, and where that leaves nobody to come or go, whatever else was asked for: it may not be what was refused. */
function withPeople(
  userIds: readonly string[],
  content: GroupContent,
  alone: Partial<GroupContent> | null,
  current: WorkspaceGroup | null,
): Partial<GroupContent> {
  if (current === null) return { ...content, ...alone, userIds };
  const fields = differing({ ...content, userIds }, current);
  return alone === null || fields.userIds === undefined ? fields : { userIds };
}

function isSame(some: Partial<GroupContent>, others: Partial<GroupContent>): boolean {
  return Object.keys(some).length === Object.keys(others).length && some.description === others.description;
}

function isActiveUser(userId: string, identity: Identity): boolean {
  const user = identity.user(userId);
  return user !== undefined && user.active !== false && user.service !== true;
}

/** Whether this very id or address stands in what Secoda said, and not only as a part of another. */
function names(said: string, text: string): boolean {
  return new RegExp(`(?<![\\w.@+-])${RegExp.escape(text)}(?![\\w@+-]|\\.\\w)`, 'i').test(said);
}
