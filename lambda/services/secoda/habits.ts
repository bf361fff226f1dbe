/**
 * What this server was found to do where the published specification and its clients differ. Learned from the first
 * read, which always comes before the first write, and kept for the life of a connection.
 */
export class Habits {
  /** Whether paths end in a slash. The published paths have none; Django servers often want one. */
  slash = false;
  /** `slash` was confirmed by an answer, and is no longer a guess. */
  slashKnown = false;
  /** `page_size` may be asked for: it is undocumented, and nothing has spoken against it so far. */
  pageSize = true;
  /** A PATCH is refused without `name`, the only field in the published schema of its body. */
  patchNeedsName = false;
  /** How people are invited; `null` until one form was accepted. */
  invitationForm: InvitationForm | null = null;
  /** Which fields of a user said anything about whether they are active. */
  readonly activity = new Set<string>();
}

/** One person a call, as the reference has it, or a list of addresses, as an older guide has it. */
export type InvitationForm = 'reference' | 'guide';

/**
 * Whether a redirect only asks for the other form of the path that was asked for: the same host, and a slash at the
 * end more or less. The scheme may differ, since a server behind a TLS proxy believes to be spoken to in plain http.
 */
export function asksForOtherSlash(status: number, location: string | null, asked: URL): boolean {
  if (!isRedirect(status) || location === null || !URL.canParse(location, asked.href)) return false;
  const target = new URL(location, asked);
  return (
    target.host === asked.host &&
    target.pathname !== asked.pathname &&
    bare(target.pathname) === bare(asked.pathname)
  );
}

/** Whether the status sends elsewhere. */
export function isRedirect(status: number): boolean {
  return status >= 300 && status < 400;
}

function bare(pathname: string): string {
  return pathname.endsWith('/') ? pathname.slice(0, -1) : pathname;
}
