import type { Archive } from '../../lambda/ports.ts';

/** An archive in memory, for tests that make thousands of swaps. */
export function memoryArchive(): Archive & { readonly texts: Map<string, string> } {
  const texts = new Map<string, string>();
  return {
    texts,
    address: 'memory/',
    read: (key) => {
      const text = texts.get(key);
      return Promise.resolve(text === undefined ? null : { text, tag: text });
    },
    write: (key, text) => {
      texts.set(key, text);
      return Promise.resolve();
    },
    swap: (key, text, expected) => {
      if ((texts.get(key) ?? null) !== expected) return Promise.resolve(null);
      texts.set(key, text);
      return Promise.resolve(text);
    },
  };
}
