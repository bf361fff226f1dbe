import type { DirectorySnapshot } from '../core/model/directory.ts';
import type { WorkspaceSnapshot } from '../core/model/workspace.ts';
import type { Listing, Members, UsersList } from './checkpoints.ts';

/** Both sides as far as something is planned from them. */
export interface Reading {
  readonly directory: DirectorySnapshot;
  readonly workspace: WorkspaceSnapshot;
  /** When the users list was read, in epoch milliseconds. */
  readonly usersReadAt: number;
}

/** The two snapshots, of what three steps read. */
export function readingOf(listing: Listing, users: UsersList, memberships: Members): Reading {
  const { groups, listedAt, unlisted } = listing;
  return {
    directory: { groups, listedAt, unlisted, memberships },
    workspace: { users: users.users, groups: listing.workspaceGroups },
    usersReadAt: users.readAt,
  };
}
