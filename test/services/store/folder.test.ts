import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { folderArchive, folderError } from '../../../lambda/services/store/folder.ts';
import { codeOf } from '../../../lambda/services/store/lock.ts';
import { UsageError } from '../../../lambda/errors.ts';
import { keepsTheContract } from './archive-contract.ts';
import { temporaryFolder } from './temporary.ts';

describe('an archive in a folder', () => {
  keepsTheContract(async () => folderArchive(join(await temporaryFolder(), 'runs')));

  it('is addressed as it was named, with one slash at its end', () => {
    expect(folderArchive('runs').address).toBe('runs/');
    expect(folderArchive('/var/runs//').address).toBe('/var/runs/');
  });

  it('keeps files under their keys, where people and scripts find them, and nothing else in sight', async () => {
    const folder = await temporaryFolder();
    const archive = folderArchive(join(folder, 'deep/runs'));
    await archive.write('2026/report.json', '{}');
    await archive.swap('turn.json', 'x', null);
    expect(await readFile(join(folder, 'deep/runs/2026/report.json'), 'utf8')).toBe('{}');
    expect(await readdir(join(folder, 'deep/runs'))).toEqual(['.pending', '2026', 'turn.json']);
    expect(await readdir(join(folder, 'deep/runs/.pending'))).toEqual([]);
  });

  it('lets nobody but the owner read what is written as bytes', async () => {
    const folder = await temporaryFolder();
    await folderArchive(folder).writeBytes('snapshots/run.gz', Buffer.from('the directory'));
    expect((await stat(join(folder, 'snapshots/run.gz'))).mode & 0o777).toBe(0o600);
  });

  it('writes a text larger than it holds at once', async () => {
    const folder = await temporaryFolder();
    const pieces = Array.from({ length: 500 }, (_, n) => `${String(n).repeat(4_000)}é\n`);
    await folderArchive(folder).write('plan.json', pieces);
    expect((await readFile(join(folder, 'plan.json'), 'utf8')) === pieces.join('')).toBe(true);
  });

  it('sees what people changed by hand', async () => {
    const folder = await temporaryFolder();
    const archive = folderArchive(folder);
    const tag = await archive.swap('state.json', 'ours', null);
    await writeFile(join(folder, 'state.json'), 'theirs');
    expect(await archive.swap('state.json', 'new', tag)).toBeNull();
    await rm(folder, { recursive: true });
    expect(await archive.swap('state.json', 'new', null)).not.toBeNull();
  });

  it('clears away what killed processes left behind, once it is old', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, '.pending'));
    await writeFile(join(folder, '.pending/old.tmp'), '{"half');
    await writeFile(join(folder, '.pending/young.tmp'), '{"half');
    const hoursAgo = new Date(Date.now() - 2 * 3_600_000);
    await utimes(join(folder, '.pending/old.tmp'), hoursAgo, hoursAgo);
    await folderArchive(folder).write('a', 'x');
    expect(await readdir(join(folder, '.pending'))).toEqual(['young.tmp']);
  });

  it('says what to do about a folder that cannot be one', async () => {
    const folder = await temporaryFolder();
    await writeFile(join(folder, 'file'), '');
    await symlink('loop', join(folder, 'loop'));
    await symlink('nowhere', join(folder, 'dangling'));
    for (const path of ['file', 'file/runs', 'loop', 'dangling', 'dangling/runs', '/proc/no/such']) {
      const archive = folderArchive(resolve(folder, path));
      const failure = archive.write('a', 'x');
      await expect(failure).rejects.toThrow(UsageError);
      await expect(failure).rejects.toThrow(/^Cannot write to the folder .+--runs DIR$/);
    }
  });

  it.each([
    ['EACCES', 'this user may not'],
    ['ENOSPC', 'the disk is full'],
    ['EROFS', 'the file system is read-only'],
    ['EIO', 'EIO: i/o error, write'],
  ])('says what a %s means', (code, words) => {
    const error = Object.assign(new Error(`${code}: i/o error, write`), { code, syscall: 'write' });
    const told = folderError('write to', 'runs', error);
    expect(told).toBeInstanceOf(UsageError);
    expect(String(told)).toContain(`Cannot write to the folder runs: ${words}`);
    expect(String(told)).toContain('--runs DIR');
  });

  it.each([new Error('no system call'), { syscall: 'write', code: 'EIO' }, 'EIO', null])(
    'leaves what is no failed system call as it is: %o',
    (error) => {
      expect(folderError('write to', 'runs', error)).toBe(error);
      expect(codeOf(error)).toBeNull();
    },
  );

  it('says what to do about a folder where a file should be', async () => {
    const folder = await temporaryFolder();
    await mkdir(join(folder, 'state.json'));
    await expect(folderArchive(folder).read('state.json')).rejects.toThrow('a folder stands where a file');
  });
});
