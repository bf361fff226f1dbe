import { describe, expect, it } from 'vitest';
import { s3Archive } from '../../../lambda/services/store/s3.ts';
import { AccessError, UsageError } from '../../../lambda/errors.ts';
import { keepsTheContract } from './archive-contract.ts';
import { clientFor, start } from './s3-stand.ts';

describe('an archive in S3', () => {
  keepsTheContract(async () => {
    const { url } = await start({ pageSize: 2 });
    return s3Archive({ bucket: 'records', prefix: 'okta', client: clientFor(url) });
  });

  it('keeps objects under its prefix, one request each', async () => {
    const s3 = await start();
    const archive = s3Archive({ bucket: 'records', prefix: '/a/b/', client: clientFor(s3.url) });
    await archive.write('run/plan.json', '{}');
    const tag = await archive.swap('turn.json', '1', null);
    await archive.swap('turn.json', '2', tag);
    await archive.read('turn.json');
    expect(archive.address).toBe('s3://records/a/b/');
    expect(s3.requests).toEqual([
      'PUT /records/a/b/run/plan.json',
      'PUT /records/a/b/turn.json',
      'PUT /records/a/b/turn.json',
      'GET /records/a/b/turn.json',
    ]);
  });

  it('may be the bucket itself', async () => {
    const s3 = await start();
    const archive = s3Archive({ bucket: 'records', prefix: '', client: clientFor(s3.url) });
    await archive.write('turn.json', 'x');
    expect(archive.address).toBe('s3://records/');
    expect([...s3.objects.keys()]).toEqual(['records/turn.json']);
  });

  it('takes a conditional write that met another one for a lost swap', async () => {
    const s3 = await start();
    const archive = s3Archive({
      bucket: 'records',
      prefix: '',
      client: clientFor(s3.url, { maxAttempts: 1 }),
    });
    s3.fault('PUT', 'conflict');
    expect(await archive.swap('turn.json', 'x', null)).toBeNull();
    expect(s3.objects.size).toBe(0);
  });

  it('gets over a failure and a lost answer', async () => {
    const s3 = await start();
    const archive = s3Archive({ bucket: 'records', prefix: '', client: clientFor(s3.url) });
    s3.fault('PUT', 'fail');
    s3.fault('PUT', 'drop-answer');
    await archive.write('plan.json', 'x');
    s3.fault('GET', 'drop-answer');
    expect((await archive.read('plan.json'))?.text).toBe('x');
  });

  it('says which rights are missing, also when that hides a missing object', async () => {
    const s3 = await start({ denyMissing: true });
    const archive = s3Archive({ bucket: 'records', prefix: 'p', client: clientFor(s3.url) });
    const failure = archive.read('turn.json');
    await expect(failure).rejects.toThrow(AccessError);
    await expect(failure).rejects.toThrow(/^GET s3:\/\/records\/p\/turn\.json: .+s3:ListBucket/);
    s3.fault('PUT', 'deny');
    await expect(archive.swap('turn.json', 'x', null)).rejects.toThrow('s3:PutObject');
  });

  it('names a bucket that does not exist', async () => {
    const { url } = await start();
    const archive = s3Archive({ bucket: 'missing', prefix: '', client: clientFor(url) });
    await expect(archive.read('turn.json')).rejects.toThrow(UsageError);
    await expect(archive.swap('turn.json', 'x', null)).rejects.toThrow('there is no bucket missing');
  });

  it('names what it could not reach, and no credential', async () => {
    const s3 = await start();
    await s3.close();
    const archive = s3Archive({
      bucket: 'records',
      prefix: '',
      client: clientFor(s3.url, { maxAttempts: 1 }),
    });
    const failure: unknown = await archive.read('turn.json').catch((error: unknown) => error);
    expect(String(failure)).toMatch(/GET s3:\/\/records\/turn\.json: .*ECONNREFUSED/);
    expect(String(failure)).not.toMatch(/AKID|not-to-be-seen/);
  });
});
