import { join } from 'node:path';
import { expect, it, onTestFinished, vi } from 'vitest';
import { isObject } from '../../lambda/settings/values.ts';
import { companyConfig, foundCompany } from '../emulators/index.ts';
import { startS3 } from '../emulators/s3.ts';
import { type Scenario, scenario } from '../run/scenario.ts';
import { blocks, pages, spans } from './pages.ts';

interface Shown {
  readonly path: string;
  readonly args: readonly string[];
  /** What a block shows below the command; empty where nothing is shown. */
  readonly output: readonly string[];
}

const DIGEST = /^[0-9a-f]{16}$/;

it('runs every command that a page shows, as it stands there', async () => {
  const shown = [...inBlocks(), ...inPassing()];
  expect(shown.length).toBeGreaterThan(15);
  const world = await company();
  const done = new Set<string>();
  for (const { path, args, output } of shown) {
    const line = `${path}: npm run sync -- ${args.join(' ')}`;
    if (done.has(args.join(' ')) && output.length === 0) continue;
    done.add(args.join(' '));
    if (args[0] === 'onboard' && output.length > 0) await hire(world);
    // By the configuration of the day, whatever the commands before it were tried with.
    if (args.includes('--from')) await world.sync('plan');
    const { code, stdout, stderr } = await (args.includes('--approve')
      ? approved(world, args)
      : world.sync(...here(world, args)));
    expect(code, `${line}\n${stderr}`).toBe(0);
    const printed = masked(stdout + stderr);
    for (const each of output.flatMap(quoted))
      expect(printed, `${line}\nprints no “${each}”`).toContain(each);
  }
});

/** Commands in blocks of code; in a block `console` with what they print. */
function inBlocks(): Shown[] {
  return blocks
    .filter(({ language }) => ['sh', 'yaml', 'console'].includes(language))
    .flatMap(({ path, language, text }) => {
      const lines = text.replaceAll('\\\n', ' ').split('\n');
      return lines.flatMap((line, index) =>
        commandsIn(line).map((args) => {
          const rest = lines.slice(index + 1);
          const next = rest.findIndex((each) => each.startsWith('$ '));
          const output = language === 'console' ? rest.slice(0, next < 0 ? undefined : next) : [];
          return { path, args, output };
        }),
      );
    });
}

function inPassing(): Shown[] {
  const current = pages.filter(({ path }) => !/decisions|CHANGELOG/.test(path));
  return current
    .flatMap(spans)
    .flatMap(({ path, code }) => commandsIn(code).map((args) => ({ path, args, output: [] })));
}

/** The arguments of each `npm run sync -- …` in a line of a shell; one with COMMAND is how to read the others. */
function commandsIn(line: string): string[][] {
  return [...line.matchAll(/npm run (?:--silent |-s )?sync -- ([^#|>&;]+)/g)]
    .map(([, words = '']) => [...words.matchAll(/'([^']*)'|"([^"]*)"|(\S+)/g)])
    .map((words) => words.map(([, single, double, bare]) => single ?? double ?? bare ?? ''))
    .filter(([command]) => command !== 'COMMAND');
}

/** The company of the emulators, with an archive in S3 beside the one in a folder. */
async function company(): Promise<Scenario> {
  const s3 = await startS3();
  onTestFinished(() => s3.close());
  for (const [name, value] of Object.entries({
    AWS_ENDPOINT_URL_S3: s3.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'b',
  }))
    vi.stubEnv(name, value);
  onTestFinished(() => {
    vi.unstubAllEnvs();
  });
  const world = await scenario();
  await world.configure({
    ...companyConfig(world.okta.url, world.secoda.url),
    archive: { snapshots: 'all' },
  });
  foundCompany(world.okta, world.secoda);
  return world;
}

/** Two people join groups that are in sync; one of them has no account. */
async function hire(world: Scenario): Promise<void> {
  await world.sync('apply');
  const { okta, secoda } = world;
  const groups = ['Data Leadership', 'Data Platform'].map((name) => okta.state.group(name));
  for (const email of ['noor.haddad@acme.example', 'olu.adeyemi@acme.example']) {
    const user = okta.state.addUser({ email });
    for (const group of groups) okta.state.join(user, group);
  }
  secoda.state.addUser({ email: 'noor.haddad@acme.example' });
}

/** The same with what is only there in this world: its Okta, and files of its folder. */
function here({ okta, folder }: Scenario, args: readonly string[]): string[] {
  const config = args.indexOf('--config');
  const rest = args[config + 1] === 'emulated.config.json' ? args.toSpliced(config, 2) : [...args];
  if (args[0] !== 'init') return rest;
  const file = ['--config', join(folder, 'sync.config.ts')];
  return [...rest.map((each) => (each === 'https://acme.okta.com' ? okta.url : each)), ...file];
}

/** An approval is tried with the digest of a plan that was really refused: a mistake in the configuration, here. */
async function approved(world: Scenario, args: readonly string[]) {
  const config = companyConfig(world.okta.url, world.secoda.url);
  const targets = args.flatMap((each, n) => (each === '--group' ? [each, args[n + 1] ?? ''] : []));
  await world.sync('apply');
  await world.configure({
    ...config,
    groups: { ...config.groups, exclude: [...config.groups.exclude, 'BI *'] },
  });
  const { stdout } = await world.sync('apply', '--json', ...targets);
  const refused: unknown = JSON.parse(stdout);
  const digest =
    isObject(refused) && refused['status'] === 'refused' ? String(refused['digest']) : 'none was refused';
  const ended = await world.sync(...args.map((each) => (DIGEST.test(each) ? digest : each)));
  await world.configure({ ...config, archive: { snapshots: 'all' } });
  return ended;
}

/** The pieces of a shown line between what was left out of it. */
function quoted(line: string): string[] {
  return masked(line)
    .split('[…]')
    .map((piece) => piece.trimEnd())
    .filter((piece) => piece.trim() !== '');
}

/** Without what differs from one workspace, day and machine to another: addresses, ids, records, numbers. */
function masked(text: string): string {
  return text
    .replaceAll(/https?:\/\/\S+/g, 'URL')
    .replaceAll(/\S*runs\/\S*/g, 'RUNS')
    .replaceAll(/\S*\/(?=sync\.config\.ts)/g, '')
    .replaceAll(/00g\w+/g, 'ID')
    .replaceAll(/\d+(?:[.,]\d+)*/g, 'N');
}
