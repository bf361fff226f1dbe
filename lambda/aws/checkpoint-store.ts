import * as z from 'zod';
import { sealed, type SealedSlice, unsealed } from '../core/guard/guard.ts';
import type { Onboarding } from '../core/plan/plan-onboarding.ts';
import { editFile } from '../archive/state-file.ts';
import { personOf, personRow, rowOf } from '../archive/kept-reads.ts';
import type { Archive, CheckpointStore, VersionedArchive } from '../ports.ts';
import type { CountBegins } from './durable-workflow.ts';
import { STEPS } from '../names.ts';
import type {
  Checkpoints,
  Judged,
  Listing,
  Members,
  SlicePlace,
  SliceTask,
  UsersList,
  Written,
} from '../run/checkpoints.ts';
import type { Person } from '../core/model/directory.ts';

type PackedListing = Omit<Listing, 'unlisted' | 'targets'> & {
  readonly unlisted: readonly (readonly [string, Listing['groups'][number] | null])[];
  readonly targets: readonly string[] | null;
};
type PackedSlice = Omit<SliceTask, 'approved' | 'memberships'> & {
  readonly approved: SealedSlice;
  readonly memberships: PackedMembers;
};

/**
 * The checkpoints of a run over many invocations: objects of the archive, apart from the records, so that they can expire soon.
 * What is read is what this run wrote, named by its version, with the same code: so it is taken as it is.
 */
export function archiveCheckpoints(archive: VersionedArchive, runId: string): Checkpoints {
  const keyOf = (name: string) => `${STEPS}${runId}/${name}.json`;
  const folder: VersionedArchive = {
    ...archive,
    put: (name, text) => archive.put(keyOf(name), text),
    get: (name, version) => archive.get(keyOf(name), version),
  };
  const plain = <T>(shape: z.ZodType<T>): CheckpointStore<T> =>
    checkpointStore<T>(folder, { encode: inOnePiece, decode: (text) => shape.parse(JSON.parse(text)) });
  return {
    listing: checkpointStore(folder, {
      encode: ({ unlisted, targets, ...listing }: Listing) =>
        inOnePiece({
          ...listing,
          unlisted: [...unlisted],
          targets: targets && [...targets],
        } satisfies PackedListing),
      decode: (text) => {
        const { unlisted, targets, ...listing } = z.custom<PackedListing>(isOurs).parse(JSON.parse(text));
        return { ...listing, unlisted: new Map(unlisted), targets: targets && new Set(targets) };
      },
    }),
    users: plain(z.custom<UsersList>(isOurs)),
    members: checkpointStore(folder, {
      encode: (members) => inOnePiece(pack(members)),
      decode: (text) => unpack(packedMembers.parse(JSON.parse(text))),
    }),
    plan: checkpointStore(folder, {
      encode: planPieces,
      decode: (text) => z.custom<Judged>(isOurs).parse(JSON.parse(text)),
    }),
    slice: checkpointStore(folder, {
      encode: ({ approved, memberships, ...task }: SliceTask) =>
        inOnePiece({
          ...task,
          approved: sealed(approved),
          memberships: pack(memberships),
        } satisfies PackedSlice),
      decode: (text) => {
        const { approved, memberships, ...task } = z.custom<PackedSlice>(isOurs).parse(JSON.parse(text));
        return {
          ...task,
          approved: unsealed(approved),
          memberships: unpack(memberships),
        };
      },
    }),
    slices: plain(z.custom<readonly SlicePlace[]>(isOurs)),
    written: plain(z.custom<Written>(isOurs)),
    onboarding: plain(z.custom<Onboarding>(isOurs)),
    isRetry: async (name) => (await archive.swap(keyOf(`${name}-begun`), '{}', null)) === null,
  };
}

/** Counts in the archive, beside the checkpoints of a run: what is cut off has no other memory. */
export function countBegins(archive: Archive, runId: string): CountBegins {
  return async (name) => {
    let count = 0;
    await editFile(archive, `${STEPS}${runId}/begins-${name}.txt`, (text) => {
      count = Number(text ?? 0) + 1;
      return String(count);
    });
    return count;
  };
}

/** So many invocations in a row may begin without doing anything. A few are killed by chance, or end because Lambda itself failed. */
const MOST_IDLE = 5;

/**
 * Counts an invocation of an execution that begins. Killed before or between its steps, it would be begun again until the
 * execution ends, for a whole day: throws where too many in a row did nothing. Returned is what is to be called before
 * something is done.
 */
export async function countInvocation(archive: Archive, execution: string): Promise<() => Promise<void>> {
  const begun = await countBegins(archive, execution)('invocation');
  if (begun > MOST_IDLE)
    throw new Error(
      `${MOST_IDLE} invocations in a row were begun and cut off before they did anything: the process was killed or ran out of memory; the run is given up`,
    );
  let idle = true;
  return async () => {
    if (idle) await archive.write(`${STEPS}${execution}/begins-invocation.txt`, '0');
    idle = false;
  };
}

function inOnePiece(content: unknown): Iterable<string> {
  return [JSON.stringify(content)];
}

/** A plan for thousands of groups, one change at a time. */
function* planPieces({ plan: { changes, ...rest }, refusals }: Judged): Iterable<string> {
  yield `{"refusals":${JSON.stringify(refusals)},"plan":${JSON.stringify(rest).slice(0, -1)},"changes":[`;
  for (const [index, change] of changes.entries()) yield `${index === 0 ? '' : ','}${JSON.stringify(change)}`;
  yield ']}}';
}

/** Something this run wrote itself. */
function isOurs(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** How one kind of thing becomes text and comes back; `decode` throws when the text is not of that kind. */
export interface Shape<T> {
  encode(content: T): Iterable<string>;
  decode(text: string): T;
}

/**
 * What is found again is exactly what was put: a repeated step puts another version under the key, and only the one that its kept
 * result names is read.
 */
export function checkpointStore<T>(archive: VersionedArchive, shape: Shape<T>): CheckpointStore<T> {
  return {
    put: async (key, content) => ({ key, version: await archive.put(key, shape.encode(content)) }),
    async get({ key, version }) {
      const text = version === null ? null : await archive.get(key, version);
      if (text !== null) return shape.decode(text);
      throw new Error(
        `${archive.address}${key} (version ${version ?? 'unknown'}) is gone, which this run had put there: ` +
          'was it removed, or is the life-cycle rule of the bucket shorter than a run? Start a new run',
      );
    },
  };
}

/** Memberships as `pack` keeps them between two steps. */
const packedMembers = z.object({
  /** Everyone once. */
  people: z.array(personRow),
  /** Okta group id, when it was read, what is doubted of it, its people by their place in the list above. */
  groups: z.array(z.tuple([z.string(), z.number(), z.string().nullable(), z.array(z.number()).nullable()])),
});

type PackedMembers = z.infer<typeof packedMembers>;

/** Packs memberships: someone in forty groups is written, and read again, once. */
function pack(members: Members): PackedMembers {
  const places = new Map<string, number>();
  const people: PackedMembers['people'] = [];
  const placeOf = (person: Person): number => {
    // Two reads of one person can differ: somebody was deactivated in between.
    const row = rowOf(person);
    const key = JSON.stringify(row);
    const place = places.get(key) ?? people.push(row) - 1;
    places.set(key, place);
    return place;
  };
  return {
    people,
    groups: [...members].map(([id, { readAt, doubt, people: found }]) => [
      id,
      readAt,
      doubt,
      found === null ? null : found.map(placeOf),
    ]),
  };
}

/** The memberships that `pack` packed. */
function unpack({ people, groups }: PackedMembers): Members {
  const persons = people.map(personOf);
  return new Map(
    groups.map(([id, readAt, doubt, places]) => [
      id,
      { readAt, doubt, people: places === null ? null : places.flatMap((place) => persons[place] ?? []) },
    ]),
  );
}
