import { parse, stringify } from 'devalue';
import * as z from 'zod';
import { sealed, type SealedSlice, unsealed } from '../core/guard/guard.ts';
import { editFile } from '../archive/state-file.ts';
import type { Archive, CheckpointStore, VersionedArchive } from '../ports.ts';
import type { CountBegins } from './durable-workflow.ts';
import { STEPS } from '../names.ts';
import type { Checkpoints, SliceTask } from '../run/checkpoints.ts';

type PackedSlice = Omit<SliceTask, 'approved'> & { readonly approved: SealedSlice };

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
  // Whoever stands in it several times, as somebody in forty groups, is written, and read again, once.
  const kept = <T>(): CheckpointStore<T> =>
    checkpointStore<T>(folder, {
      encode: (content) => [stringify(content)],
      decode: (text) => z.custom<T>(isOurs).parse(parse(text)),
    });
  return {
    listing: kept(),
    users: kept(),
    members: kept(),
    plan: kept(),
    slice: checkpointStore(folder, {
      encode: ({ approved, ...task }: SliceTask) => [stringify({ ...task, approved: sealed(approved) })],
      decode: (text) => {
        const { approved, ...task } = z.custom<PackedSlice>(isOurs).parse(parse(text));
        return { ...task, approved: unsealed(approved) };
      },
    }),
    slices: kept(),
    written: kept(),
    onboarding: kept(),
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

/** Something this run wrote itself. */
function isOurs(value: unknown): boolean {
  return typeof value === 'object' && value !== null;
}

/** How one kind of thing becomes text and comes back; `decode` throws when the text is not of that kind. */
export interface Shape<T> {
  encode(content: T): Iterable<string>;
  decode(text: string): T;
}

/** What is found again is exactly what was put: a repeated step puts another version under the key, and only the one that its kept result names is read. */
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
