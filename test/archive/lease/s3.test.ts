import { S3Client } from '@aws-sdk/client-s3';
import { describe, expect, it, onTestFinished } from 'vitest';
import { s3Archive } from '../../../lambda/services/store/s3.ts';
import { LeaseOver } from '../../../lambda/errors.ts';
import { createLeases } from '../../../lambda/archive/lease/leases.ts';
import { HeldClock } from '../../time/clock.ts';
import { startS3 } from '../../emulators/s3.ts';

const PER_MINUTE = 6;

describe('the lease in S3', () => {
  it('is shared by runs that write at once, in one budget, whatever goes wrong on the way', async () => {
    const s3 = await startS3();
    onTestFinished(() => s3.close());
    const clock = new HeldClock();
    const counted: number[] = [];
    let writing = 0;

    const run = async (runId: string): Promise<void> => {
      const credentials = { accessKeyId: 'a', secretAccessKey: 'b' };
      const client = new S3Client({ endpoint: s3.url, region: 'eu-west-1', credentials });
      onTestFinished(() => client.destroy());
      const leases = createLeases({
        archive: s3Archive({ bucket: 'records', prefix: 'okta', client }),
        clock,
        listen: () => undefined,
        holder: { runId, pid: null, host: null },
        mayBeAlive: () => true,
        writesPerMinute: PER_MINUTE,
        requestMs: 25_000,
      });
      for (let left = 5; left > 0;) {
        const lease = await leases.take();
        try {
          for (; left > 0; left--) {
            await lease.enter(true);
            expect(++writing).toBe(1);
            counted.push(clock.now());
            await clock.sleep(500);
            writing--;
            lease.leave(true);
          }
        } catch (error) {
          if (!(error instanceof LeaseOver)) throw error;
        } finally {
          await lease.release();
        }
      }
    };

    for (const fault of ['drop-answer', 'conflict', 'fail', 'drop-answer'] as const) s3.fault('PUT', fault);
    await Promise.all([run('a'), run('b'), run('c')]);
    expect(counted).toHaveLength(15);
    for (const at of counted) {
      expect(counted.filter((other) => other > at - 60_000 && other <= at).length).toBeLessThanOrEqual(
        PER_MINUTE,
      );
    }
  });
});
