import { join } from 'node:path';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { openArchive } from '../../../lambda/services/store/open.ts';
import { UsageError } from '../../../lambda/errors.ts';
import { startS3 } from '../../emulators/s3.ts';
import { temporaryFolder } from './temporary.ts';

describe('the archive at an address', () => {
  it('is a folder', async () => {
    const archive = openArchive(join(await temporaryFolder(), 'runs'));
    await archive.write('a', 'x');
    expect((await archive.read('a'))?.text).toBe('x');
  });

  it.each([
    ['s3://records/okta/sync/', 's3://records/okta/sync/'],
    ['s3://records/okta', 's3://records/okta/'],
    ['S3://records', 's3://records/'],
    ['runs', 'runs/'],
    ['./C/s3', './C/s3/'],
  ])('%s is shown as %s', (address, shown) => {
    expect(openArchive(address).address).toBe(shown);
  });

  it.each(['', '  ', 's3://', 's3:///prefix', 's3://B_D/x', 'https://example.com/runs', 'file:///tmp'])(
    'is not %j',
    (address) => {
      expect(() => openArchive(address)).toThrow(UsageError);
      expect(() => openArchive(address)).toThrow('expected a folder or s3://bucket/prefix');
    },
  );

  it('is S3, with region and credentials of the environment', async () => {
    const s3 = await startS3();
    onTestFinished(() => s3.close());
    onTestFinished(() => void vi.unstubAllEnvs());
    vi.stubEnv('AWS_ENDPOINT_URL_S3', s3.url);
    vi.stubEnv('AWS_REGION', 'eu-west-1');
    vi.stubEnv('AWS_ACCESS_KEY_ID', 'a');
    vi.stubEnv('AWS_SECRET_ACCESS_KEY', 'b');
    const archive = openArchive('s3://records/okta');
    const tag = await archive.swap('turn.json', 'x', null);
    expect(await archive.read('turn.json')).toEqual({ text: 'x', tag });
    expect([...s3.objects.keys()]).toEqual(['records/okta/turn.json']);
  });
});
