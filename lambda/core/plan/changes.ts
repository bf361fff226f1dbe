import type { BeforeImage, Change } from './change.ts';
import type { Removal, WorkspaceGroup } from '../model/workspace.ts';
import type { Identity } from '../people/identity.ts';
import type { Wanted } from '../groups/mapping.ts';
import { describe, readMarker } from '../groups/marker.ts';
import { byMember, type MemberPlan, staysAnyway } from '../people/members.ts';
import { ascending } from '../model/text.ts';
import { type Warning, warningOf } from '../model/warning.ts';
import type { WhenGone } from '../model/rules.ts';

/** Of a change that neither takes over nor renames a group, and that no other one waits for. */
export const AS_IT_IS = {
  adopted: false,
  known: false,
  renamedFrom: null,
  superseded: false,
  handovers: [],
  wave: 0,
  again: false,
} as const;

/** The change that makes a new Secoda group. */
export function creation(wanted: Wanted, members: MemberPlan, via: string, wave: number): Change {
  return {
    ...AS_IT_IS,
    action: 'create',
    oktaIds: wanted.oktaIds,
    secodaId: null,
    name: wanted.name,
    add: members.add,
    remove: [],
    reason: 'new: has no Secoda group yet',
    before: null,
    content: {
      name: wanted.name,
      description: describe({ oktaIds: wanted.oktaIds, via }, wanted.description, ''),
      userIds: ascending(members.userIds),
    },
    wave,
  };
}

interface UpdateOptions {
  readonly description: string;
  /** The name the group is to bear, its own when it must keep that one. */
  readonly name: string;
  readonly adopted: boolean;
  readonly known: boolean;
  readonly wave: number;
  readonly identity: Identity;
}

/** The change that brings an existing group up to date; `null` when it holds just what it should. */
export function update(
  oktaIds: readonly string[],
  group: WorkspaceGroup,
  members: MemberPlan,
  options: UpdateOptions,
): Change | null {
  const { name, description } = options;
  const renamed = name !== group.name;
  const described = description !== group.description;
  if (members.add.length === 0 && members.remove.length === 0 && !renamed && !described) return null;
  return {
    ...AS_IT_IS,
    action: 'update',
    oktaIds,
    secodaId: group.id,
    name,
    adopted: options.adopted,
    known: options.known,
    renamedFrom: renamed ? group.name : null,
    add: members.add,
    remove: members.remove,
    reason: reasonFor(group, members, options, renamed, described),
    before: beforeImage(group, options.identity),
    content: { name, description, userIds: ascending(members.userIds) },
    wave: options.wave,
  };
}

function reasonFor(
  group: WorkspaceGroup,
  members: MemberPlan,
  { adopted, known }: UpdateOptions,
  renamed: boolean,
  described: boolean,
): string {
  const reasons: string[] = [];
  if (adopted && readMarker(group.description) === null)
    reasons.push('adopts the hand-made group of this name');
  else if (adopted) reasons.push('its Okta groups are gone and another Okta group has its name now');
  else if (known) reasons.push('its marker line is restored');
  if (renamed) reasons.push('its name differs');
  if (members.add.length + members.remove.length > 0) reasons.push('its members differ');
  else if (described && reasons.length === 0) reasons.push('its description differs');
  return reasons.join('; ');
}

interface RemovalOptions {
  readonly whenGone: WhenGone;
  readonly oktaIds: readonly string[];
  readonly superseded: boolean;
  readonly reason: string;
  readonly identity: Identity;
  readonly isOut: (address: string) => boolean;
}

/** Whether a managed group whose Okta groups are gone is deleted: one that holds protected people is only reduced to them. */
export function isDeleted({ userIds }: WorkspaceGroup, whenGone: WhenGone, identity: Identity): boolean {
  return whenGone === 'delete' && !userIds.some((id) => identity.isProtected(id));
}

/** Why a group whose Okta groups are gone stays as it is; `null` where it is empty, as it should be. */
const KEPT = {
  delete: 'it holds protected people alone',
  empty: null,
  keep: "groups.whenGone is 'keep'",
} as const;

/** What is said of one that nothing becomes of (see `removal`). */
export function keptWarning(
  { name }: WorkspaceGroup,
  { whenGone, oktaIds, reason }: Pick<RemovalOptions, 'whenGone' | 'oktaIds' | 'reason'>,
): readonly Warning[] {
  const why = KEPT[whenGone];
  return why === null ? [] : [warningOf('kept', { group: name, oktaIds }, `kept, since ${why}: ${reason}`)];
}

/** What becomes of a managed group whose Okta groups are gone; `null` when nothing is left to do. */
export function removal(group: WorkspaceGroup, options: RemovalOptions): Change | null {
  const { whenGone, oktaIds, superseded, reason, identity, isOut } = options;
  if (whenGone === 'keep') return null;
  const before = beforeImage(group, identity);
  const asRemoval = (userId: string): Removal => {
    const member = identity.member(userId);
    return { ...member, ineligible: member.email !== null && isOut(member.email) };
  };
  const common = { ...AS_IT_IS, oktaIds, secodaId: group.id, name: group.name, superseded, before, add: [] };
  if (isDeleted(group, whenGone, identity)) {
    const remove = group.userIds.map(asRemoval).sort(byMember);
    return { ...common, action: 'delete', remove, reason, content: null };
  }
  const stay = group.userIds.filter((id) => staysAnyway(id, identity));
  const remove = group.userIds.filter((id) => !stay.includes(id)).map(asRemoval);
  if (remove.length === 0) return null;
  const why =
    whenGone === 'delete'
      ? `${reason}; it holds protected people, so it is reduced to them`
      : `${reason}; it is emptied`;
  const content = { name: group.name, description: group.description, userIds: ascending(stay) };
  return { ...common, action: 'update', remove: remove.sort(byMember), reason: why, content };
}

function beforeImage(group: WorkspaceGroup, identity: Identity): BeforeImage {
  const members = group.userIds.map((id) => identity.member(id)).sort(byMember);
  return { name: group.name, description: group.description, members };
}
