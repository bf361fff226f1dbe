import { createHash } from 'node:crypto';
import { createGunzip, gzipSync } from 'node:zlib';
import * as z from 'zod';
import type { Person } from '../core/model/directory.ts';
import type { Kept } from '../core/report/difference.ts';
import { messageOf, UsageError } from '../errors.ts';
import type { Archive } from '../ports.ts';
import { SNAPSHOTS } from '../names.ts';
import { rowOf } from './kept-reads.ts';
import { isRunId } from './run-index.ts';
import { FORM, snapshotReader } from './snapshot-reader.ts';

/** What is compressed at once, in UTF-16 units. */
const PIECE = 1024 ** 2;
const ENDING = '.jsonl.gz';

/** Keeps the whole input of a run's plan, guarded like a credential, as gzip of JSON lines. Returns its SHA-256. */
export async function keepSnapshot(archive: Archive, kept: Kept): Promise<string> {
  const bytes = Buffer.concat([...compressed(linesOf(kept))]);
  await archive.writeBytes(keyOf(kept.runId), bytes);
  return createHash('sha256').update(bytes).digest('hex');
}

/** The SHA-256 of what is kept of a run; `null` where nothing is. */
export function snapshotHash(archive: Archive, runId: string): Promise<string | null> {
  return archive.hash(keyOf(runId));
}

/** The last run that kept a snapshot; `null` where none did. */
export async function lastSnapshot(archive: Archive): Promise<string | null> {
  const files = await archive.names(SNAPSHOTS.slice(0, -1), '');
  return files.map((file) => file.slice(0, -ENDING.length)).findLast(isRunId) ?? null;
}

/** What a run kept; `null` where it kept nothing. Throws `UsageError` where it cannot be read. */
export async function readSnapshot(archive: Archive, runId: string): Promise<Kept | null> {
  const bytes = await archive.readBytes(keyOf(runId));
  if (bytes === null) return null;
  const reader = snapshotReader();
  try {
    for await (const line of inflated(bytes)) reader.take(line);
    return reader.kept();
  } catch (error) {
    const [issue] = error instanceof z.ZodError ? error.issues : [];
    const why = issue?.message ?? messageOf(error);
    throw new UsageError([`${archive.address}${keyOf(runId)} cannot be read: ${why}`]);
  }
}

function keyOf(runId: string): string {
  return `${SNAPSHOTS}${runId}${ENDING}`;
}

/** Gives a place to each thing that is met, and has it written down the first time. */
class Places {
  readonly #places = new Map<string, number>();
  /** The same object mostly stands for the same person, and is looked up faster. */
  readonly #met = new Map<Person, number>();
  readonly #kind: string;
  #lines = '';

  constructor(kind: string) {
    this.#kind = kind;
  }

  of(value: string | readonly (string | null)[]): number {
    const json = JSON.stringify(value);
    const known = this.#places.get(json);
    if (known !== undefined) return known;
    const place = this.#places.size;
    this.#places.set(json, place);
    this.#lines += `["${this.#kind}",${json}]\n`;
    return place;
  }

  ofPerson(someone: Person): number {
    const place = this.#met.get(someone) ?? this.of(rowOf(someone));
    this.#met.set(someone, place);
    return place;
  }

  /** A line, behind those that it refers to. */
  line(kind: string, value: unknown): string {
    const lines = this.#lines;
    this.#lines = '';
    return `${lines}${JSON.stringify([kind, value])}\n`;
  }
}

/** A snapshot as lines of JSON: `[kind, value]`. Somebody in forty groups is written once, and named by the place of that line. */
function* linesOf({ snapshot, outline, ...of }: Kept): Generator<string> {
  const { directory, workspace, memory, reads, recent, invited, ...rest } = snapshot;
  const { changes, ...verdict } = outline;
  const people = new Places('person');
  const words = new Places('text');
  const placesOf = (some: readonly Person[]) => some.map((each) => people.ofPerson(each));
  const wordsOf = (some: readonly string[]) => some.map((each) => words.of(each));

  yield words.line('head', {
    form: FORM,
    ...of,
    ...rest,
    listedAt: directory.listedAt,
    recent: {
      removed: [...recent.removed].map(([id, users]) => [id, [...users]]),
      deleted: [...recent.deleted],
      adopted: [...recent.adopted],
      invited: [...recent.invited],
      granted: [...recent.granted].map(([id, users]) => [id, [...users]]),
      unknown: recent.unknown,
    },
    invited: [...invited.values()],
    unlistedSince: [...memory.unlistedSince],
    doubtedSince: [...memory.doubtedSince],
    fights: [...memory.fights],
    copies: [...memory.copies],
    lastRuns: [...memory.lastRuns],
    asked: directory.asked === undefined ? null : { why: directory.asked.why },
    readAsOf: reads.asOf,
    formerly: [...reads.formerly],
    outline: verdict,
  });
  for (const group of directory.groups) yield words.line('oktaGroup', group);
  for (const each of directory.unlisted) yield words.line('unlisted', each);
  for (const [id, { readAt, doubt, people: found }] of directory.memberships)
    yield people.line('members', [id, readAt, doubt, found === null ? null : placesOf(found)]);
  for (const [address, found] of directory.asked?.bearers ?? [])
    yield people.line('bearers', [address, placesOf(found)]);
  yield people.line('readBefore', placesOf(reads.people));
  for (const list of reads.lists.values()) yield people.line('list', list);
  for (const user of workspace.users) yield words.line('user', user);
  for (const { userIds, ...group } of workspace.groups)
    yield words.line('secodaGroup', { ...group, userIds: wordsOf(userIds) });
  for (const group of memory.groups.values()) yield words.line('memory', group);
  for (const { add, remove, ...change } of changes)
    yield words.line('change', { ...change, add: wordsOf(add), remove: wordsOf(remove) });
}

/** Each piece is compressed by itself: one behind the other they are one file to whatever reads gzip. */
function* compressed(lines: Iterable<string>): Generator<Buffer> {
  let piece = '';
  for (const line of lines) {
    piece += line;
    if (piece.length < PIECE) continue;
    yield gzipSync(piece);
    piece = '';
  }
  yield gzipSync(piece);
}

async function* inflated(bytes: Uint8Array): AsyncGenerator<string> {
  const stream = createGunzip();
  stream.end(bytes);
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of stream) {
    const piece: unknown = chunk;
    if (piece instanceof Uint8Array) rest += decoder.decode(piece, { stream: true });
    const lines = rest.split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
}
