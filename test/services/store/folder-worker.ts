/**
 * Adds to a count in an archive folder until it is told to stop (or killed), one swap after the other, and prints each number
 * it put there, and how often it paused for the lock before: `node folder-worker.ts FOLDER TIMES`.
 */
import { folderArchive } from '../../../lambda/services/store/folder.ts';
import { systemClock } from '../../../lambda/services/clock.ts';

const [folder = '', times = ''] = process.argv.slice(2);
let pauses = 0;
const archive = folderArchive(folder, {
  now: () => systemClock.now(),
  sleep: (ms) => {
    pauses += 1;
    return systemClock.sleep(ms);
  },
});
for (let done = 0; done < Number(times);) {
  const stored = await archive.read('count.json');
  const next = Number(stored?.text ?? 0) + 1;
  if ((await archive.swap('count.json', String(next), stored?.tag ?? null)) === null) continue;
  done++;
  process.stdout.write(`${next} ${pauses}\n`);
  pauses = 0;
}
