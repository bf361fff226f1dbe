import { createHash } from 'node:crypto';
import type { Archive } from '../../../lambda/ports.ts';

export interface MemoryArchive extends Archive {
  readonly texts: Map<string, string>;
  /** The next swap takes effect, and its answer says that it did not: as when a repeated request meets its own text. */
  loseAnswer(): void;
}

/** An archive in memory, for tests that make thousands of swaps. `pause` passes before and after each request takes effect. */
export function memoryArchive(pause: () => Promise<void> = () => Promise.resolve()): MemoryArchive {
  const texts = new Map<string, string>();
  const inBytes = new Set<string>();
  let losing = false;
  const request = async <T>(effect: () => T): Promise<T> => {
    await pause();
    const result = effect();
    await pause();
    return result;
  };
  return {
    texts,
    address: 'memory/',
    loseAnswer: () => void (losing = true),
    read: (key) =>
      request(() => {
        const text = texts.get(key);
        return text === undefined ? null : { text, tag: text };
      }),
    write: (key, text) =>
      request(() => void texts.set(key, typeof text === 'string' ? text : [...text].join(''))),
    swap: (key, text, expected) =>
      request(() => {
        if ((texts.get(key) ?? null) !== expected) return null;
        texts.set(key, text);
        const lost = losing;
        losing = false;
        return lost ? null : text;
      }),
    writeBytes: (key, bytes) =>
      request(() => {
        texts.set(key, Buffer.from(bytes).toString('latin1'));
        inBytes.add(key);
      }),
    readBytes: (key) =>
      request(() => {
        const text = texts.get(key);
        return text === undefined ? null : Buffer.from(text, 'latin1');
      }),
    hash: (key) =>
      request(() => {
        const text = texts.get(key);
        return text === undefined
          ? null
          : createHash('sha256')
              .update(text, inBytes.has(key) ? 'latin1' : 'utf8')
              .digest('hex');
      }),
    folders: (after) =>
      request(() => {
        const names = [...texts.keys()].flatMap((key) => /^([^/]+)\//.exec(key)?.[1] ?? []);
        return [...new Set(names)].filter((name) => name > after).sort();
      }),
    names: (folder, after) =>
      request(() => {
        const inside = [...texts.keys()].filter((key) => key.startsWith(`${folder}/`));
        const names = inside.map((key) => key.slice(folder.length + 1).split('/', 1)[0] ?? '');
        return [...new Set(names)].filter((name) => name > after).sort();
      }),
  };
}
