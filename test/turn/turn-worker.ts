/**
 * Takes the turn of an archive folder again and again until it is killed, and tells a server when it has it, writes and gives
 * it up: `node turn-worker.ts FOLDER RUN URL`.
 */
import { folderArchive } from '../../lambda/edges/archive/folder.ts';
import { systemClock } from '../../lambda/edges/clock.ts';
import { holderHere, mayBeAlive } from '../../lambda/turn/holder.ts';
import { createTurns } from '../../lambda/turn/turns.ts';

const [folder = '', runId = '', url = ''] = process.argv.slice(2);
// Whoever has the lock of the folder needs real time to be done with it.
const sleep = (ms: number): Promise<void> => new Promise((resolve) => void setTimeout(resolve, ms));
const turns = createTurns({
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
  const turn = await turns.take();
  for (let n = 0; n < 3; n++) {
    await turn.enter(true);
    await tell('write');
    turn.leave(true);
  }
  await tell('done');
  await turn.release();
}
