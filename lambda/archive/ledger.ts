import { fingerprint } from '../core/model/text.ts';
import pMap from 'p-map';
import * as z from 'zod';
import { jsonOf } from '../core/model/json.ts';
import {
  entryBehind,
  entryText,
  type LedgerEntry,
  type LedgerEvent,
  type LedgerHead,
} from '../core/report/ledger-entry.ts';
import { ArchiveError } from '../errors.ts';
import type { Archive } from '../ports.ts';
import { LEDGER } from '../names.ts';

const WIDTH = 10;
/** Other runs append between a look at the end and our own entry: so often in a row they do not. */
const TRIES = 50;
const DIGITS = 6;

const words = z.string().nullable();
const request = z.object({
  trigger: z.string(),
  requestedBy: words,
  reason: words,
  approve: words,
  awsRequestId: words,
});
const access = z.object({
  change: z.enum(['granted', 'revoked', 'invited']),
  person: z.object({ userId: words, email: z.string(), oktaId: words, okta: words }),
  group: z.object({ secodaId: words, name: z.string(), oktaIds: z.array(z.string()) }),
  cause: words,
  byRules: z.literal(true).optional(),
});
const done = z.array(access.extend({ outcome: z.enum(['applied', 'seen', 'not-seen', 'unknown']) }));
const head = {
  number: z.int().positive(),
  before: words,
  at: z.iso.datetime(),
  runId: z.string(),
  open: z.array(z.int().positive()),
  request,
};
/** Compiled when the first entry is read: one has an access for each membership that a slice changed. */
const entryShape = z.lazy(() =>
  z.compile(
    z.discriminatedUnion('kind', [
      z.object({ ...head, kind: z.literal('intents'), access: z.array(access) }),
      z.object({ ...head, kind: z.literal('outcomes'), of: z.int(), access: done }),
      z.object({ ...head, kind: z.literal('closed'), of: z.int(), killed: z.string(), access: done }),
      z.object({
        ...head,
        kind: z.literal('end'),
        status: z.string(),
        plan: words,
        report: words,
        snapshot: words.optional(),
      }),
    ]),
  ),
);

/** The end of a ledger, with its last entry. */
type LastEntry = LedgerHead & Pick<LedgerEntry, 'open'>;

export type Ledger = ReturnType<typeof ledgerOf>;

/** The ledger of one deployment: each entry a file, written only where none of that number is. */
export function ledgerOf(archive: Archive, name: string) {
  let known: LastEntry | null = null;
  /** Read anew; `null`: nothing was ever written. */
  const last = async (): Promise<LastEntry | null> => {
    const numbers = await numbersIn(archive, name, known === null ? '' : fileOf(known.number));
    const number = Math.max(...numbers, 0);
    if (number === 0) return known;
    const stored = await archive.read(entryKey(name, number));
    if (stored === null)
      throw new ArchiveError(`${archive.address}${entryKey(name, number)} is not there any more`);
    // Behind one that was altered the chain goes on, which shows it.
    return (known = { number, hash: fingerprint(stored.text), open: parsed(stored.text)?.open ?? [] });
  };
  return {
    last,
    /** One entry; `null` where there is none that can be read. */
    async entry(number: number) {
      const stored = await archive.read(entryKey(name, number));
      return stored === null ? null : parsed(stored.text);
    },
    /** Appends what is made of the end as it is by then; `null` where there is nothing to append by then. */
    async append(
      by: { readonly runId: string; readonly now: number },
      event: (last: LastEntry | null) => LedgerEvent | null,
    ): Promise<LastEntry | null> {
      for (let tries = 0; tries < TRIES; tries++) {
        // What was known last mostly still is; where it is not, that number is taken.
        const before = tries === 0 && known !== null ? known : await last();
        const next = event(before);
        if (next === null) return null;
        const entry = entryBehind(before, next, by);
        const text = entryText(entry);
        const key = entryKey(name, entry.number);
        const written = await archive.swap(key, text, null);
        // A request whose answer was lost is repeated, and finds its own text there.
        if (written !== null || (await archive.read(key))?.text === text)
          return (known = { number: entry.number, hash: fingerprint(text), open: entry.open });
      }
      throw new ArchiveError(
        `the ledger ${archive.address}${LEDGER}${name}/ could not be appended to: other runs kept doing so`,
      );
    },
  };
}

/** The deployments that have a ledger in this archive. */
export function ledgers(archive: Archive): Promise<readonly string[]> {
  return archive.names(LEDGER.slice(0, -1), '');
}

/** All entries of a ledger as they are stored, ascending; what is no entry is `null`. */
export async function storedEntries(archive: Archive, name: string) {
  const numbers = (await numbersIn(archive, name, '')).toSorted((a, b) => a - b);
  return pMap(
    numbers,
    async (number) => {
      const { text: stored = '' } = (await archive.read(entryKey(name, number))) ?? {};
      return [number, stored, parsed(stored)] as const;
    },
    { concurrency: WIDTH },
  );
}

/** What was entered since a time (ISO 8601), the newest first: so many reads, and one. */
export async function entriesSince(archive: Archive, name: string, since: string) {
  const found: LedgerEntry[] = [];
  for (const number of (await numbersIn(archive, name, '')).toSorted((a, b) => b - a)) {
    const entry = parsed((await archive.read(entryKey(name, number)))?.text ?? '');
    if (entry !== null && entry.at < since) break;
    if (entry !== null) found.push(entry);
  }
  return found;
}

async function numbersIn(archive: Archive, name: string, after: string): Promise<readonly number[]> {
  const files = await archive.names(`${LEDGER}${name}`, after);
  return files.flatMap((file) => (/^\d{6,}\.json$/.test(file) ? Number.parseInt(file, 10) : []));
}

function parsed(stored: string): LedgerEntry | null {
  return entryShape.safeParse(jsonOf(stored)).data ?? null;
}

/** Where an entry stands in the archive. */
export function entryKey(name: string, number: number): string {
  return `${LEDGER}${name}/${fileOf(number)}`;
}

function fileOf(number: number): string {
  return `${String(number).padStart(DIGITS, '0')}.json`;
}
