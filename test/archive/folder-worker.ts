/**
 * Adds to a count in an archive folder until it is told to stop (or killed), one swap after the other, and prints each number
 * it put there: `node folder-worker.ts FOLDER TIMES`.
 */
import { folderArchive } from '../../lambda/edges/archive/folder.ts';

const [folder = '', times = ''] = process.argv.slice(2);
const archive = folderArchive(folder);
for (let done = 0; done < Number(times);) {
  const stored = await archive.read('count.json');
  const next = Number(stored?.text ?? 0) + 1;
  if ((await archive.swap('count.json', String(next), stored?.tag ?? null)) === null) continue;
  done++;
  process.stdout.write(`${next}\n`);
}
