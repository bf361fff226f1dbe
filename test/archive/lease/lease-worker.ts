/**
 * Takes the lease of an archive folder again and again until it is killed, and tells a server when it has it, writes and gives
 * it up: `node lease-worker.ts FOLDER RUN URL`.
 */
import { folderArchive } from '../../../lambda/services/store/folder.ts';
import { systemClock } from '../../../lambda/services/clock.ts';
import { holderHere, mayBeAlive } from '../../../lambda/services/store/lock.ts';
import { createLeases } from '../../../lambda/archive/lease/leases.ts';

const [folder = '', runId = '', url = ''] = process.argv.slice(2);
// Whoever has the lock of the folder needs real time to be done with it.
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const leases = createLeases({
  archive: folderArchive(folder, { now: () => systemClock.now(), sleep }),
  clock: systemClock,
  listen: () => undefined,
  holder: holderHere(runId),
  mayBeAlive,
  writesPerMinute: 100_000,
  requestMs: 25_000,
});
const tell = (what: string): Promise<unknown> => fetch(`${url}/${runId}/${what}`, { method: 'POST' });

for (;;) {
  const lease = await leases.take();
  for (let n = 0; n < 3; n++) {
    await lease.enter(true);
    await tell('write');
    lease.leave(true);
  }
  await tell('done');
  await lease.release();
}
