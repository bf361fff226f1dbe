/**
 * Takes the turn of an archive folder again and again until it is killed, and tells a server when it has it, writes and gives
 * it up: `node turn-worker.ts FOLDER RUN URL`. Its time runs 20 times as fast as real time, alike in all processes.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { folderArchive } from '../../lambda/edges/archive/folder.ts';
import type { Clock } from '../../lambda/ports.ts';
import { holderHere, mayBeAlive } from '../../lambda/turn/holder.ts';
import { createTurns } from '../../lambda/turn/turns.ts';

const SPEED = 20;
const [folder = '', runId = '', url = ''] = process.argv.slice(2);
const clock: Clock = {
  now: () => Date.now() * SPEED,
  sleep: (ms) => sleep(Math.ceil(ms / SPEED)),
};
const turns = createTurns({
  archive: folderArchive(folder),
  clock,
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
