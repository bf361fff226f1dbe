import type * as z from 'zod';
import type { WorkspaceGroup, WorkspaceUser } from '../../core/model/workspace.ts';
import type { Workspace } from '../../ports.ts';
import { SourceError } from '../../errors.ts';
import { checked, compiled } from '../http/checked.ts';
import { isAbsent } from './answer.ts';
import { get, jsonBody, READ_DEADLINE_MS } from './get.ts';
import { groupPath, GROUPS_PATH, type SecodaConnection, USERS_PATH } from './connection.ts';
import type { List } from './learned-habits.ts';
import { readList } from './pages.ts';
import { ACTIVITY, GroupRow, pageOf, UserRow } from './shapes.ts';

const UserPage = compiled(pageOf(UserRow));
const GroupPage = compiled(pageOf(GroupRow));

/** The reading side of a workspace. It cannot change anything. */
export function secodaWorkspace(connection: SecodaConnection): Workspace {
  return {
    users: () => readList(connection, usersOf(connection), READ_DEADLINE_MS),
    groups: () => readGroups(connection),
    group: (id) => readGroup(connection, id),
    traffic: () => connection.traffic(),
  };
}

/** All groups. `deadlineMs`: how long dead answers are tried again for, in milliseconds. */
export function readGroups(connection: SecodaConnection, deadlineMs = READ_DEADLINE_MS) {
  return readList(connection, groupsOf(connection), deadlineMs);
}

/** One group; `null` when Secoda says that there is none. */
export async function readGroup(connection: SecodaConnection, id: string, deadlineMs = READ_DEADLINE_MS) {
  const where = `GET ${groupPath(id)}`;
  const answer = await get(connection, { path: groupPath(id), where, deadlineMs });
  if (isAbsent(answer)) return null;
  const group = groupFrom(connection, jsonBody(connection, answer, where), where);
  if (group.id !== id) throw new SourceError(`${where} answered with another group, ${group.id}`);
  return group;
}

/** The group that an answer shows. Throws `SourceError` when it shows none. */
export function groupFrom(connection: SecodaConnection, json: unknown, where: string): WorkspaceGroup {
  return keepGroup(connection, checked(GroupRow, json, where));
}

function usersOf(connection: SecodaConnection): List<z.infer<typeof UserRow>, WorkspaceUser> {
  return {
    of: 'users',
    path: USERS_PATH,
    pageSize: 1_000,
    page: UserPage,
    keep: (row) => keepUser(connection, row),
  };
}

function groupsOf(connection: SecodaConnection): List<z.infer<typeof GroupRow>, WorkspaceGroup> {
  return {
    of: 'groups',
    path: GROUPS_PATH,
    // each row brings the ids of all its members: nobody knows yet how many
    pageSize: 100,
    page: GroupPage,
    keep: (row) => keepGroup(connection, row),
  };
}

function keepUser(connection: SecodaConnection, row: z.infer<typeof UserRow>): WorkspaceUser {
  for (const field of ACTIVITY) if (row[field] !== null) connection.habits.activity.add(field);
  const { email, pending, disabled, is_service_account: service } = row;
  const said = pending !== null || disabled !== null;
  const active = said ? pending !== true && disabled !== true : row.is_active;
  return {
    id: connection.ids.same(row.id),
    email,
    active,
    ...(disabled === true && { disabled }),
    ...(service === true && { service }),
  };
}

/** The same object for a group that stands as it did: nearly all of them, in the list before each slice. */
function keepGroup({ ids, groups }: SecodaConnection, row: z.infer<typeof GroupRow>): WorkspaceGroup {
  const { id, name, description, users, updated_at: updatedAt } = row;
  const known = groups.get(id)?.deref();
  if (known !== undefined && isShown(known, row)) return known;
  const userIds = [...new Set(users.map((user) => ids.same(user)))];
  const kept = { id, name, description: description ?? '', userIds, updatedAt: updatedAt ?? null };
  groups.set(id, new WeakRef(kept));
  return kept;
}

function isShown({ name, description, userIds, updatedAt }: WorkspaceGroup, row: z.infer<typeof GroupRow>) {
  if (name !== row.name || description !== (row.description ?? '')) return false;
  if (updatedAt !== (row.updated_at ?? null) || userIds.length !== row.users.length) return false;
  return row.users.every((id, at) => userIds[at] === id);
}
