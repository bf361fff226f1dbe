import type { Person } from '../model/directory.ts';
import type { WorkspaceUser } from '../model/workspace.ts';
import type { Identity } from '../people/identity.ts';

/** Someone in Okta who bears an address that was asked for, and all groups they are in. */
export interface OktaRecord {
  readonly person: Person;
  readonly groupIds: readonly string[];
}

/** Someone to be added, and the Okta records that say so: they are asked again before the write. */
export interface Joiner {
  /** Their row on Secoda's users list. */
  readonly user: WorkspaceUser;
  /** The address they were matched by. */
  readonly email: string;
  readonly personIds: readonly string[];
}

/** People to be added to one managed group. There is no word here for anything else that could happen to it. */
export interface Join {
  readonly secodaId: string;
  readonly name: string;
  /** Of the wanted group that it mirrors, ascending. */
  readonly oktaIds: readonly string[];
  /** By e-mail. */
  readonly add: readonly Joiner[];
  /** Ids of its members as it was found: how much it may grow is held against them. */
  readonly members: readonly string[];
}

/** Whether an Okta record, asked again just before the write, still says that its person belongs into the group. */
export function stillBelongs(join: Join, joiner: Joiner, record: OktaRecord, identity: Identity): boolean {
  return (
    identity.eligibilityOf(record.person) === 'eligible' &&
    identity.addressOf(record.person) === joiner.email &&
    record.groupIds.some((id) => join.oktaIds.includes(id))
  );
}
