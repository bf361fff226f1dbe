import { createHash } from 'node:crypto';
import { expect, it } from 'vitest';
import type { Archive } from '../../../lambda/ports.ts';

/** What every archive must do, whatever it is made of. */
export function keepsTheContract(open: () => Promise<Archive>): void {
  it('has nothing under a key that was never written', async () => {
    expect(await (await open()).read('run/plan.json')).toBeNull();
  });

  it('gives back what was written, letter by letter, and only the last of it', async () => {
    const archive = await open();
    await archive.write('run/plan.json', 'a much longer text than the one that follows');
    await archive.write('run/plan.json', '{"name":"Zoë 🙂"}\n');
    expect((await archive.read('run/plan.json'))?.text).toBe('{"name":"Zoë 🙂"}\n');
  });

  it('takes a text in pieces, once through, even none', async () => {
    const archive = await open();
    const pieces = function* () {
      yield '{"name":';
      yield '"Zoë \ud83d';
      yield '\ude42"}\n';
    };
    await archive.write('run/plan.json', pieces());
    expect((await archive.read('run/plan.json'))?.text).toBe('{"name":"Zoë 🙂"}\n');
    await archive.write('run/plan.json', []);
    expect((await archive.read('run/plan.json'))?.text).toBe('');
  });

  it('keeps what was there when the pieces cannot be made to their end', async () => {
    const archive = await open();
    await archive.write('run/plan.json', 'before');
    const broken = function* () {
      yield 'half';
      throw new Error('no more of it');
    };
    await expect(archive.write('run/plan.json', broken())).rejects.toThrow('no more of it');
    expect((await archive.read('run/plan.json'))?.text).toBe('before');
  });

  it('gives back bytes as they were written, whatever they are, and only the last of them', async () => {
    const archive = await open();
    expect(await archive.readBytes('snapshots/run.gz')).toBeNull();
    const large = new Uint8Array(9 * 1024 ** 2).fill(0xff);
    const bytes = Uint8Array.from({ length: 256 }, (_, n) => n);
    for (const each of [large, bytes]) {
      await archive.writeBytes('snapshots/run.gz', each);
      expect(Buffer.compare((await archive.readBytes('snapshots/run.gz')) ?? Buffer.of(), each)).toBe(0);
    }
    expect(await archive.names('snapshots', '')).toEqual(['run.gz']);
  });

  it('knows the SHA-256 of what was written, however long, and of nothing else', async () => {
    const archive = await open();
    expect(await archive.hash('run/plan.json')).toBeNull();
    for (const text of ['{"name":"Zoë 🙂"}\n', 'ü'.repeat(5 * 1024 ** 2)]) {
      await archive.write('run/plan.json', text);
      expect(await archive.hash('run/plan.json')).toBe(createHash('sha256').update(text).digest('hex'));
    }
  });

  it('swaps nothing for something once', async () => {
    const archive = await open();
    expect(await archive.swap('turn.json', 'a', null)).not.toBeNull();
    expect(await archive.swap('turn.json', 'b', null)).toBeNull();
    expect((await archive.read('turn.json'))?.text).toBe('a');
  });

  it('swaps only what was not changed since', async () => {
    const archive = await open();
    const first = await archive.swap('turn.json', 'a', null);
    const second = await archive.swap('turn.json', 'b', first);
    expect(await archive.swap('turn.json', 'c', first)).toBeNull();
    expect(await archive.read('turn.json')).toEqual({ text: 'b', tag: second });
    await archive.write('turn.json', 'd');
    expect(await archive.swap('turn.json', 'e', second)).toBeNull();
    expect((await archive.read('turn.json'))?.text).toBe('d');
  });

  it('does not swap something that is gone or was never there', async () => {
    const archive = await open();
    const tag = await archive.swap('a', 'text', null);
    expect(await archive.swap('b', 'text', tag)).toBeNull();
    expect(await archive.read('b')).toBeNull();
  });

  it('lets exactly one of many win each swap', async () => {
    const archive = await open();
    let tag: string | null = null;
    for (let round = 0; round < 5; round++) {
      const tries = Array.from({ length: 8 }, (_, n) => archive.swap('turn.json', `${round} ${n}`, tag));
      const won: (string | null)[] = (await Promise.all(tries)).filter((each) => each !== null);
      expect(won).toHaveLength(1);
      tag = won[0] ?? null;
      expect((await archive.read('turn.json'))?.tag).toBe(tag);
    }
  });

  it('names the folders at its top that sort behind a name, however many', async () => {
    const archive = await open();
    expect(await archive.folders('')).toEqual([]);
    for (const key of ['2026c/report.json', '2026a/plan.json', '2026b/deep/x.json', '2026b/plan.json'])
      await archive.write(key, '{}');
    await archive.write('2027.json', 'no folder');
    expect(await archive.folders('2025')).toEqual(['2026a', '2026b', '2026c']);
    expect(await archive.folders('2026a')).toEqual(['2026b', '2026c']);
    expect(await archive.folders('2026c')).toEqual([]);
  });

  it('names what is right in a folder and sorts behind a name', async () => {
    const archive = await open();
    expect(await archive.names('ledger', '')).toEqual([]);
    for (const key of ['ledger/b/2.json', 'ledger/a/000001.json', 'ledger/a/000002.json', 'ledgers/x.json'])
      await archive.write(key, '{}');
    expect(await archive.names('ledger', '')).toEqual(['a', 'b']);
    expect(await archive.names('ledger/a', '')).toEqual(['000001.json', '000002.json']);
    expect(await archive.names('ledger/a', '000001.json')).toEqual(['000002.json']);
  });

  it.each([
    '../out',
    'a/../../out',
    '/etc/passwd',
    'a//b',
    'C:\\x',
    'a\\..\\b',
    '.hidden',
    'a/.b',
    '',
    'a\0b',
  ])('refuses the key %j', async (key) => {
    const archive = await open();
    await expect(archive.read(key)).rejects.toThrow('Not a key');
    await expect(archive.write(key, 'x')).rejects.toThrow('Not a key');
    await expect(archive.swap(key, 'x', null)).rejects.toThrow('Not a key');
  });
}
