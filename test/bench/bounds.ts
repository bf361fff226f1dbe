/** An org as far as the sizes of its lists go. */
interface Org {
  readonly state: {
    readonly groups: ReadonlyMap<string, { readonly members: { readonly size: number } }>;
  };
}

/** Rows a page: of groups as Okta recommends, of members as the sync asks for them. */
const GROUPS_PAGE = 200;
const MEMBERS_PAGE = 500;

/** The requests without which nobody can know all groups in Okta and all their members. */
export function leastReads({ state: { groups } }: Org): number {
  const pages = (rows: number, each: number) => Math.max(1, Math.ceil(rows / each));
  const lists = [...groups.values()].map(({ members }) => pages(members.size, MEMBERS_PAGE));
  return lists.reduce((sum, each) => sum + each, pages(groups.size, GROUPS_PAGE));
}

/** The time in which a sliding window of a minute lets so many requests through, in milliseconds. */
export function windowsMs(requests: number, perMinute: number): number {
  return Math.max(0, Math.ceil(requests / perMinute) - 1) * 60_000;
}
