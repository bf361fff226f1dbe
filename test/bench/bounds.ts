/** An org as far as the sizes of its lists go. */
interface Org {
  readonly state: {
    readonly groups: ReadonlyMap<string, { readonly members: { readonly size: number } }>;
  };
}

/** Rows a page, as Okta recommends. */
const PAGE_SIZE = 200;

/** The requests without which nobody can know all groups in Okta and all their members. */
export function leastReads({ state: { groups } }: Org): number {
  const pages = (rows: number) => Math.max(1, Math.ceil(rows / PAGE_SIZE));
  return [...groups.values()].reduce((sum, { members }) => sum + pages(members.size), pages(groups.size));
}

/** The time in which a sliding window of a minute lets so many requests through, in milliseconds. */
export function windowsMs(requests: number, perMinute: number): number {
  return Math.max(0, Math.ceil(requests / perMinute) - 1) * 60_000;
}
