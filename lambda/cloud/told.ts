import type { Archive } from '../ports.ts';
import type { Announcement } from './announce.ts';

/** Remembers in the archive, beside the refused plans, which of them people were told of. */
export function toldIn(archive: Archive): Announcement['told'] {
  const keyOf = (digest: string) => `refused/${digest}-told.json`;
  return {
    has: async (digest) => (await archive.read(keyOf(digest))) !== null,
    add: (digest) => archive.write(keyOf(digest), '{}\n'),
  };
}
