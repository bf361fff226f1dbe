import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { AccessError } from '../../../lambda/errors.ts';
import type { S3Emulator } from '../../emulators/s3.ts';
import { archiveIn } from './s3-stand.ts';

const MIB = 1024 ** 2;
/** Pieces of a MiB each, all different. */
function* pieces(count: number): Generator<string> {
  for (let n = 0; n < count; n++) yield String.fromCharCode(97 + n).repeat(MIB);
}
const hashOf = (text: string) => createHash('md5').update(text).digest('hex');
const stored = (s3: S3Emulator) => s3.objects.get('records/p/plan.json')?.map(({ text }) => hashOf(text));
const whole = hashOf([...pieces(20)].join(''));

describe('a large text in S3', () => {
  it('is uploaded in parts and stored as one', async () => {
    const { s3, archive } = await archiveIn();
    await archive.write('plan.json', pieces(20));
    expect(stored(s3)).toEqual([whole]);
    expect(s3.requests.map((each) => each.split(' ')[0])).toEqual(['POST', 'PUT', 'PUT', 'PUT', 'POST']);
    expect(s3.uploads.size).toBe(0);
  });

  it('takes one request up to the size of a part', async () => {
    const { s3, archive } = await archiveIn();
    await archive.write('plan.json', pieces(8));
    expect(s3.requests).toEqual(['PUT /records/p/plan.json']);
  });

  it('takes as many of bytes as it takes of text', async () => {
    const { s3, archive } = await archiveIn();
    await archive.writeBytes('run.gz', new Uint8Array(8 * MIB));
    expect(s3.requests).toEqual(['PUT /records/p/run.gz']);
    await archive.writeBytes('run.gz', new Uint8Array(8 * MIB + 1));
    const methods = s3.requests.slice(1).map((each) => each.split(' ')[0]);
    expect(methods).toEqual(['POST', 'PUT', 'PUT', 'POST']);
    expect((await archive.readBytes('run.gz'))?.length).toBe(8 * MIB + 1);
  });

  it('has a version like any other', async () => {
    const { archive } = await archiveIn();
    const version = await archive.put('plan.json', pieces(9));
    await archive.put('plan.json', 'x');
    expect(hashOf((await archive.get('plan.json', version)) ?? '')).toBe(hashOf([...pieces(9)].join('')));
  });

  it('is made while it is sent: a part is not asked for before the one before it is there', async () => {
    const { s3, archive } = await archiveIn();
    const seen: number[] = [];
    const watched = function* () {
      for (const piece of pieces(33)) {
        seen.push(s3.requests.length);
        yield piece;
      }
    };
    await archive.write('plan.json', watched());
    // Two parts are made before it is known that there is more than one.
    expect(seen.slice(17)).toEqual([...Array<number>(8).fill(3), ...Array<number>(8).fill(4)]);
  });

  it('gets over failures and lost answers at any of its requests', async () => {
    const { s3, archive } = await archiveIn();
    for (const operation of ['CreateMultipartUpload', 'UploadPart', 'CompleteMultipartUpload']) {
      s3.fault(operation, 'fail');
    }
    s3.fault('UploadPart', 'drop-answer');
    await archive.write('plan.json', pieces(20));
    expect(stored(s3)).toEqual([whole]);
  });

  it('is found to be stored when the answer to its completion was lost', async () => {
    const { s3, archive } = await archiveIn();
    s3.fault('CompleteMultipartUpload', 'drop-answer');
    const version = await archive.put('plan.json', pieces(20));
    expect(stored(s3)).toEqual([whole]);
    expect(s3.objects.get('records/p/plan.json')?.[0]?.versionId).toBe(version);
  });

  it('is not taken for stored when another text stands there', async () => {
    const { s3, archive } = await archiveIn();
    await archive.write('plan.json', 'before');
    const lost = function* () {
      yield* pieces(20);
      for (const id of s3.uploads.keys()) s3.abandon(id);
    };
    await expect(archive.write('plan.json', lost())).rejects.toThrow('NoSuchUpload');
    expect(stored(s3)).toEqual([hashOf('before')]);
  });

  it('is given up when it cannot be made to its end', async () => {
    const { s3, archive } = await archiveIn();
    const broken = function* () {
      yield* pieces(20);
      throw new Error('no more of it');
    };
    await expect(archive.write('plan.json', broken())).rejects.toThrow('no more of it');
    expect(s3.objects.size).toBe(0);
    expect(s3.uploads.size).toBe(0);
  });

  it('says what S3 refused, even if giving up is refused as well', async () => {
    const { s3, archive } = await archiveIn();
    s3.fault('UploadPart', 'deny');
    s3.fault('AbortMultipartUpload', 'deny');
    const failure = archive.write('plan.json', pieces(20));
    await expect(failure).rejects.toThrow(AccessError);
    await expect(failure).rejects.toThrow(/^PUT s3:\/\/records\/p\/plan\.json: .+s3:PutObject/);
    expect(s3.objects.size).toBe(0);
  });
});
