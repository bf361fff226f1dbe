import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { main } from '../../lambda/terminal/main.ts';
import { type OktaEmulator, type SecodaEmulator, startOkta, startSecoda } from '../emulators/index.ts';
import { HeldClock } from '../time/clock.ts';
import { terminalSvg } from './terminal-svg.ts';

/** Wide enough for a plan, and narrow enough to be read beside text. */
const COLUMNS = 100;
const FOLDER = fileURLToPath(new URL('../../docs/pictures/', import.meta.url));
const DAY_MS = 24 * 3_600_000;
/** What a terminal does before it shows a line anew: back to its start, and erase it. */
const ERASED = '\r\u001b[2K';
const DOMAIN = 'acme.example';

/** Each picture's file, in `docs/pictures/`, and what it holds: what the real command line printed about a small company. */
export async function drawPictures(): Promise<Readonly<Record<string, string>>> {
  const clock = new HeldClock();
  const okta = await startOkta({ clock });
  const secoda = await startSecoda({ clock });
  const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-pictures-'));
  const file = join(folder, 'sync.config.json');
  const runs = join(folder, 'runs');

  const shown = async (command: 'plan' | 'apply', groups: object): Promise<readonly string[]> => {
    const config = { okta: { orgUrl: okta.url, groups: { all: true } }, secoda: { url: secoda.url }, groups };
    await writeFile(file, JSON.stringify(config));
    let printed = '';
    await main([command, '--config', file, '--runs', runs], {
      environment: {
        OKTA_API_TOKEN: okta.credentials.apiToken,
        SECODA_API_KEY: secoda.credentials.apiKey,
      },
      stdout: { isTTY: true, columns: COLUMNS, write: (text) => (printed += text) },
      stderr: { write: () => undefined },
      clock,
      random: () => 0.5,
    });
    // Progress is written over, and the files are the usual ones. The last line counts requests and names a record that is no more.
    const lines = printed
      .replaceAll(` --config ${file} --runs ${runs}`, '')
      .split('\n')
      .map((line) => line.split(ERASED).at(-1) ?? '');
    return [`$ npm run sync -- ${command}`, '', ...lines.slice(0, -2)];
  };

  try {
    found(okta, secoda);
    const plan = await shown('plan', {});
    await shown('apply', {});
    clock.advance(DAY_MS);
    const refused = await shown('apply', { exclude: ['BI *'] });
    return {
      'plan.svg': terminalSvg(plan, {
        label: 'A plan: each group to create, adopt, rename, update or delete, with who joins and who leaves',
      }),
      'refused.svg': terminalSvg(refused, {
        label:
          'A refusal: each rule that is broken, with its numbers, and the command that approves the plan',
      }),
    };
  } finally {
    await Promise.all([okta.close(), secoda.close()]);
    await rm(folder, { recursive: true, force: true });
  }
}

/** A company of a dozen people, with one drift of each kind. */
function found(okta: OktaEmulator, secoda: SecodaEmulator): void {
  const names = [
    'ada',
    'ben',
    'chloe',
    'dev',
    'eva',
    'farah',
    'goran',
    'hana',
    'ines',
    'jonas',
    'kemi',
    'luca',
  ];
  const people = names.map((name) => okta.state.addUser({ email: `${name}@${DOMAIN}` }));
  const accounts = names.slice(0, -1).map((name) => secoda.state.addUser({ email: `${name}@${DOMAIN}` }));
  const pair = (name: string, from: number, to: number, before = { name, from, to }) => {
    const group = okta.state.addGroup({ name, members: people.slice(from, to) });
    const description = `Managed by Okta (${group.id}) via okta. Changes made in Secoda are overwritten.`;
    return secoda.state.addGroup({
      name: before.name,
      description,
      users: accounts.slice(before.from, before.to),
    });
  };
  pair('BI Consumers', 0, 6);
  pair('BI Developers', 3, 5);
  pair('BI Finance', 6, 8);
  pair('BI Sales', 8, 9);
  pair('Data Leadership', 0, 3, { name: 'Data Leads', from: 0, to: 3 });
  pair('Data Platform', 2, 8, { name: 'Data Platform', from: 2, to: 6 });
  pair('Data Privacy', 5, 7, { name: 'Data Privacy', from: 5, to: 8 });
  const gone = pair('Data Migration', 0, 2);
  okta.state.removeGroup(okta.state.group(gone.name));
  okta.state.addGroup({ name: 'Analytics Engineering', members: people.slice(9) });
  okta.state.addGroup({ name: 'Data Quality', members: people.slice(1, 4) });
  secoda.state.addGroup({ name: 'Data Quality', description: 'Ask us!', users: accounts.slice(2, 5) });
}

if (import.meta.main) {
  for (const [file, svg] of Object.entries(await drawPictures())) await writeFile(join(FOLDER, file), svg);
}
