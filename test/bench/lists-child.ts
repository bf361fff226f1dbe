/** Lists all groups of a workspace several times, and prints what one takes: node lists-child.ts URL KEY TIMES. */
import { systemClock } from '../../lambda/services/clock.ts';
import { SecodaConnection } from '../../lambda/services/secoda/connection.ts';
import { secodaWorkspace } from '../../lambda/services/secoda/workspace.ts';
import { median } from './figures.ts';

const [baseUrl = '', apiKey = '', times] = process.argv.slice(2);
const connection = new SecodaConnection({ baseUrl, apiKey, clock: systemClock, random: Math.random });
const workspace = secodaWorkspace(connection);
const cpu: number[] = [];
// A run holds what it planned from, so that groups which stand as they did are the same objects again.
const planned = await workspace.groups();
for (let n = 0; n < Number(times); n += 1) {
  const before = process.cpuUsage();
  const { length } = await workspace.groups();
  if (length !== planned.length) throw new Error('the groups do not stay the same');
  const { user, system } = process.cpuUsage(before);
  cpu.push((user + system) / 1000);
}
process.stdout.write(String(median(cpu)), () => process.exit());
