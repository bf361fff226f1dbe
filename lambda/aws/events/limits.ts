/**
 * How much one event may name. An asynchronous invocation takes 256 KB, and what names more is done sooner by a run over
 * everything.
 */
export const LIMITS = {
  groups: 100,
  people: 200,
  /** Characters of a group's name, of an id, and of an address (RFC 5321). */
  name: 400,
  id: 100,
  address: 254,
} as const;
