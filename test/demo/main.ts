import { type ChildProcess, spawn } from 'node:child_process';
import { rmSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { shellWord } from '../../lambda/render/escape.ts';
import { styleFor } from '../../lambda/render/style.ts';
import { companyConfig, foundCompany, startOkta, startSecoda } from '../emulators/index.ts';
import { addressOf, follow } from './events.ts';
import { proofText } from './proof.ts';

/** `npm run demo`: the real command line against both emulators, from a drifted workspace to one that matches. */
const style = styleFor(process.stdout, process.env);
const say = (text: string) => process.stdout.write(`${text}\n`);
const step = (title: string) => say(`\n${style.bold(style.change(`━━ ${title}`))}\n`);

const okta = await startOkta();
const secoda = await startSecoda();
const folder = await mkdtemp(join(tmpdir(), 'okta-secoda-sync-demo-'));
const ended: boolean[] = [];
let running: ChildProcess | null = null;

/** Ends early: nobody reads any more, or somebody has seen enough. */
const leave = (code: number) => {
  running?.kill('SIGKILL');
  rmSync(folder, { recursive: true, force: true });
  process.exit(code);
};
process.once('SIGINT', () => leave(130));
process.stdout.once('error', () => leave(1));

const configure = (config: object) => writeFile(join(folder, 'sync.config.json'), JSON.stringify(config));

/** Runs the command line as a user would, and holds it to the exit code it should end with. */
async function sync(args: readonly string[], expected: number): Promise<void> {
  say(style.dim(`$ npm run sync -- ${args.map(shellWord).join(' ')}\n`));
  const cli = fileURLToPath(new URL('../../lambda/cli.ts', import.meta.url));
  const places = ['--config', join(folder, 'sync.config.json'), '--runs', join(folder, 'runs')];
  const child = spawn(process.execPath, [cli, ...args, ...places], {
    stdio: 'inherit',
    env: {
      ...process.env,
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
    },
  });
  running = child;
  const code = await new Promise<number | null>((done) => child.once('exit', done));
  running = null;
  ended.push(code === expected);
  if (code === expected) return;
  say(style.bad(`\nThis should have ended with exit code ${expected}, not ${code ?? 'none'}.`));
}

try {
  const company = foundCompany(okta, secoda);
  const config = companyConfig(okta.url, secoda.url);
  await configure(config);
  say(
    style.bold(
      'okta-secoda-sync, demonstrated on two emulators over real HTTP. Nothing leaves this machine.',
    ),
  );
  say(`
A company of ${okta.state.users.size} people keeps its groups in Okta (${okta.url}).
Its Secoda workspace (${secoda.url}) has drifted: ${company.missing.length} groups are missing, members are stale,
“${company.renamed.secoda.name}” was renamed in Okta to “${company.renamed.okta.name}”, the Okta group behind “${company.orphan.name}” is gone,
and somebody made a group “${company.handMade.name}” by hand. “${company.foreign.name}” belongs to another tool and must stay.`);

  step('1  What would change?');
  await sync(['plan'], 0);
  step('2  Do it');
  await sync(['apply'], 0);
  step('3  Again: there is nothing left to do');
  await sync(['apply'], 0);

  step('4  Somebody excludes “BI *” in the configuration by mistake');
  await configure({ ...config, groups: { ...config.groups, exclude: [...config.groups.exclude, 'BI *'] } });
  await sync(['plan'], 3);
  await configure(config);

  const [hire] = company.newHires;
  const target = company.renamed.okta;
  if (hire === undefined) throw new Error('the demo company has no new hire');
  okta.state.join(hire, target);
  okta.state.deactivate(company.mover.user);
  step(
    `5  In Okta, ${addressOf(hire)} joins “${target.name}”, and ${addressOf(company.mover.user)} is deactivated`,
  );
  await sync(['apply'], 0);

  step('6  By events: a hire has access, and a leaver has none, within seconds');
  const newcomer = okta.state.addUser({ email: 'noor.haddad@acme.example' });
  const account = secoda.state.addUser({ email: 'noor.haddad@acme.example' });
  const mirror = () => [...secoda.state.groups.values()].find(({ name }) => name === target.name);
  const held = () => (mirror()?.users.has(account) === true ? 'is in it' : 'is not in it');
  const told = async (what: string, type: string, group: typeof target | null, expected: string) => {
    const seconds = await follow(type, newcomer, group, { okta, secoda, folder });
    const right = held() === expected;
    ended.push(right);
    const line = `${what} → ${type} → in Secoda's “${target.name}”, ${addressOf(newcomer)} ${held()}`;
    say(`${right ? style.good('✓') : style.bad('✗')} ${line}  ${style.dim(`${seconds.toFixed(1)} s`)}`);
  };
  okta.state.join(newcomer, target);
  await told('hired', 'group.user_membership.add', target, 'is in it');
  okta.state.deactivate(newcomer);
  await told('deactivated', 'user.lifecycle.deactivate', null, 'is not in it');
  say(style.dim('\nIn AWS a queue gathers events for 20 seconds first, and a function has to start.'));

  step('7  What an auditor asks: who lost access and why, why somebody has none, what the last run did');
  await sync(['history', '--group', target.name], 0);
  await sync(['explain', addressOf(newcomer), '--group', target.name], 0);
  await sync(['show'], 0);

  step('8  The proof: what Secoda itself holds now');
  say(proofText(secoda, okta.throttled + secoda.throttled, style));
} finally {
  await Promise.all([okta.close(), secoda.close()]);
  await rm(folder, { recursive: true, force: true });
}
process.exitCode = ended.every(Boolean) ? 0 : 1;
