/** What reading Okta is busy with, for people who watch. */
export type OktaProgress =
  /** Another page came, of so many rows. */
  | { readonly kind: 'read'; readonly what: 'groups' | 'members' | 'people'; readonly rows: number }
  /** Nothing is asked for a while: to stay below the rate limit, because Okta said 429, or because a request failed. */
  | { readonly kind: 'wait'; readonly reason: 'pace' | 'throttled' | 'failure'; readonly ms: number };
