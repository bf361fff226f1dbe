import type * as z from 'zod';
import type { Page } from './shapes.ts';

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

/** A page is held as text and parsed at once: so many characters of it are little beside everything else. */
const PAGE_CHARACTERS = 2_000_000;

/** A third of the time that the headers of an answer may take, in milliseconds. */
const PAGE_MS = 3_000;
const MOST_ROWS = 5_000;

/**
 * How many rows of each list to ask for at once. Secoda documents neither `page_size` nor its bounds, and a group brings
 * the ids of all its members: so each list starts with its usual size, and is then read in the largest pages that, by
 * what the last reading showed, stay small and quick. A server that caps them only makes more pages.
 */
export class PageSizes {
  readonly #learned = new Map<string, number>();
  readonly #refused = new Set<string>();
  /** As the store has them. */
  readonly #stored = new Map<string, number>();
  readonly #store: SizeStore | null;
  readonly #kept = new Set<string>();
  #loading: Promise<void> | null = null;

  constructor(store: SizeStore | null = null) {
    this.#store = store;
  }

  /** To be awaited before a list is read: what earlier runs learned counts from its first page on. */
  ready(): Promise<void> {
    this.#loading ??= this.#load();
    return this.#loading;
  }

  async #load(): Promise<void> {
    for (const [name, rows] of Object.entries((await this.#store?.load()) ?? {})) {
      this.#stored.set(name, rows);
      if (rows <= MOST_ROWS && !this.#refused.has(name)) this.#learned.set(name, rows);
    }
  }

  /** To be awaited after a list was read, or its pages refused: for later runs, once a list, and whenever larger pages are refused. */
  async keep({ of: name }: Pick<Sized, 'of'>): Promise<void> {
    const rows = this.#learned.get(name) ?? null;
    const news = rows !== (this.#stored.get(name) ?? null) && (rows === null || !this.#kept.has(name));
    if (this.#store === null || !news) return;
    await this.#store.save(name, rows);
    this.#kept.add(name);
    if (rows === null) this.#stored.delete(name);
    else this.#stored.set(name, rows);
  }

  /** Rows a page for the next reading of a list. Never less than its usual number. */
  of({ of: name, pageSize }: Sized): number {
    return Math.max(this.#learned.get(name) ?? pageSize, pageSize);
  }

  /** To be called when a list was read to its end. `cost`: its rows, the characters of its answers, the milliseconds they took. */
  learn({ of: name, pageSize }: Sized, cost: Readonly<Record<'rows' | 'characters' | 'ms', number>>): void {
    const { rows, characters, ms } = cost;
    // A list that is one page anyway teaches nothing.
    if (this.#refused.has(name) || rows <= pageSize) return;
    const fitting = rows * Math.min(PAGE_CHARACTERS / characters, PAGE_MS / Math.max(ms, 1));
    const hundreds = Math.floor(Math.min(fitting, MOST_ROWS) / 100) * 100;
    this.#learned.set(name, Math.max(pageSize, hundreds));
  }

  /** To be called when pages larger than the usual one were refused or not answered: none is asked for again. */
  refuse({ of: name }: Sized): void {
    this.#refused.add(name);
    this.#learned.delete(name);
  }
}

/** A list with its usual number of rows a page. */
type Sized = Pick<List<unknown, { readonly id: string }>, 'of' | 'pageSize'>;

/** Keeps the rows of a page from run to run, by the list. */
interface SizeStore {
  load(): Promise<Readonly<Record<string, number>>>;
  /** `null`: larger pages were refused. */
  save(list: string, rows: number | null): Promise<void>;
}

/** One of Secoda's numbered lists. */
export interface List<Row, Kept extends { readonly id: string }> {
  readonly of: 'users' | 'groups';
  readonly path: string;
  /** The usual number of rows to ask for at once (see `PageSizes`). */
  readonly pageSize: number;
  readonly page: z.ZodType<Page<Row>>;
  /** What of a row is kept. */
  readonly keep: (row: Row) => Kept;
}
