import type { CheckpointStore, VersionedArchive } from '../../ports.ts';

/** How one kind of thing becomes text and comes back; `decode` throws when the text is not of that kind. */
export interface Shape<T> {
  encode(content: T): Iterable<string>;
  decode(text: string): T;
}

/**
 * A checkpoint store in the archive. What is found again is exactly what was put: a step that was repeated has put another version
 * under the same key, and only the one that its kept result names is read.
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
