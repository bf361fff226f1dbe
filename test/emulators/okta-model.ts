import type { JsonObject } from './json.ts';

export type OktaStatus =
  | 'STAGED'
  | 'PROVISIONED'
  | 'ACTIVE'
  | 'RECOVERY'
  | 'PASSWORD_EXPIRED'
  | 'LOCKED_OUT'
  | 'SUSPENDED'
  | 'DEPROVISIONED';

/** A person. Change them through `OktaState`, which keeps the timestamps and the indexes right. */
export interface OktaUser {
  readonly id: string;
  /** Lists are in the order of creation. */
  readonly order: number;
  readonly created: string;
  lastUpdated: string;
  statusChanged: string;
  /** Usually an `OktaStatus`; any other text stands for one that Okta adds in future. */
  status: string;
  /** At least `login`, `email`, `firstName` and `lastName`. */
  profile: JsonObject;
  readonly groups: Set<OktaGroup>;
}

export interface OktaGroup {
  readonly id: string;
  readonly order: number;
  readonly created: string;
  lastUpdated: string;
  lastMembershipUpdated: string;
  type: 'OKTA_GROUP' | 'APP_GROUP' | 'BUILT_IN';
  name: string;
  description: string | null;
  readonly members: Set<OktaUser>;
}

export interface OktaApp {
  readonly id: string;
  readonly label: string;
  readonly created: string;
  /** The groups assigned to it, in the order of assignment. */
  readonly groups: Set<OktaGroup>;
}

export interface NewOktaUser {
  readonly email: string;
  /** The e-mail address unless said otherwise. */
  readonly login?: string;
  /** ACTIVE unless said otherwise. */
  readonly status?: OktaStatus | (string & {});
  readonly firstName?: string;
  readonly lastName?: string;
  readonly id?: string;
  /** Further fields of the profile, or other values for the usual ones. */
  readonly profile?: JsonObject;
}

export interface NewOktaGroup {
  readonly name: string;
  readonly description?: string | null;
  readonly type?: OktaGroup['type'];
  readonly id?: string;
  readonly members?: readonly OktaUser[];
}
