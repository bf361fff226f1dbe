/** What Secoda is being asked, for people who watch. */
export type SecodaProgress =
  /** Another page came, of so many rows; `of` is what the whole list is to have. */
  | { readonly kind: 'read'; readonly what: 'users' | 'groups'; readonly rows: number; readonly of: number }
  /** Nothing is asked for a while: because Secoda said 429, or because something failed. In milliseconds. */
  | { readonly kind: 'wait'; readonly reason: 'throttled' | 'failure'; readonly ms: number };
