import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import type { OktaGroup, OktaUser } from '../emulators/index.ts';
import { type Death, deployment, type LogEvent } from './deployment.ts';
import { type Scenario, type ScenarioOptions, scenario } from './scenario.ts';

const NIGHTS = 30;
const CONFIG = {
  groups: { map: { 'Analytics EMEA': 'Analytics' } },
  users: { aliases: { 'eve@acme.com': 'eve.long@acme.io' } },
  guard: { groupDeletions: { max: 0, percent: 0 } },
};

/** Nights whose runs are killed: after four of six writes, and before the first. */
const DEATHS = new Map<number, Death>([
  [12, { to: 'secoda', nth: 4, after: true }],
  [18, { to: 'secoda', nth: 1, after: false }],
]);

/** Runs of that month that tests ask about. */
interface Runs {
  readonly killed: string;
  readonly refused: readonly string[];
  readonly approved: string;
}

/**
 * January 2026 of a small company, as it lies in a folder on the 31st: a run each night at two, and twelve events a day that come in
 * three deliveries. Three runs are killed, two nights refuse the deletion of Legacy, and somebody approves it.
 */
export async function month(options: ScenarioOptions): Promise<Scenario & { readonly told: Runs }> {
  const stand = await scenario({ ...options, config: CONFIG });
  const { okta, secoda, clock } = stand;
  const archive = memoryArchive();
  const sync = deployment(stand, archive, CONFIG);
  const hired = (name: string, account: string | null = `${name}@acme.com`): OktaUser => {
    if (account !== null) secoda.state.addUser({ email: account });
    return okta.state.addUser({ email: `${name}@acme.com` });
  };
  const staff = Array.from({ length: 20 }, (_, n) => hired(`p${n}`));
  const group = (name: string, members: readonly OktaUser[]) => okta.state.addGroup({ name, members });
  const [ada, imani] = [hired('ada'), hired('imani')];
  const finance = group('Finance', [imani, ...staff.slice(0, 6)]);
  const analytics = group('Analytics EMEA', [ada, ...staff.slice(4, 10)]);
  const busy = ['Data', 'Marketing', 'Sales', 'Support'].map((name, n) =>
    group(name, staff.slice(n * 3, n * 3 + 9)),
  );
  const [data, marketing] = busy;
  if (!data || !marketing) throw new Error('this company is too small');
  const legacy = group('Legacy', staff.slice(0, 2));

  /** Somebody joins a group, or leaves it, whichever there is to do. */
  const move = (user: OktaUser, at: OktaGroup): LogEvent => {
    const leaves = at.members.has(user);
    if (leaves) okta.state.leave(user, at);
    else okta.state.join(user, at);
    return { type: `group.user_membership.${leaves ? 'remove' : 'add'}`, user, group: at };
  };
  let moves = 0;
  const nextMove = (): LogEvent => {
    const [user, at] = [staff[(moves * 7) % staff.length], busy[moves++ % busy.length]];
    if (!user || !at) throw new Error('nobody can move');
    return move(user, at);
  };
  const until = (day: number, hour: number) => stand.jump(Date.UTC(2026, 0, day, hour) - clock.now());

  const refused: string[] = [];
  let [killed, approved] = ['', ''];
  for (let day = 1; day <= NIGHTS; day++) {
    until(day, 2);
    if (day === 12)
      for (const at of [finance, analytics, ...busy]) move(hired(`new-in-${at.name.slice(0, 4)}`), at);
    if (day === 18) move(hired('late'), finance);
    const runId = await sync.night(DEATHS.get(day) ?? null);
    if (day === 12) killed = runId;
    if (day === 15 || day === 16) refused.push(runId);
    if (day === 16) {
      until(day, 9);
      const { digest } = JSON.parse(archive.texts.get(`${runId}/report.json`) ?? '') as { digest: string };
      approved = await sync.start({ approve: digest, requestedBy: 'dana@acme.com', reason: 'CHG-1234' });
    }
    for (const hour of [10, 13, 17]) {
      until(day, hour);
      const killed = day === 23 && hour === 13;
      await sync.deliver(
        [nextMove(), nextMove(), nextMove(), nextMove()],
        killed ? { to: 'secoda', nth: 2, after: false } : null,
      );
    }
    until(day, 20);
    if (day === 8) okta.state.join(hired('bob', null), data);
    if (day === 9) okta.state.deactivate(ada);
    if (day === 14) okta.state.removeGroup(legacy);
    if (day === 19) okta.state.join(hired('eve', 'eve.long@acme.io'), marketing);
    if (day === 26) okta.state.deactivate(imani);
  }
  until(31, 9);
  for (const [key, text] of archive.texts) {
    await mkdir(dirname(join(stand.runs, key)), { recursive: true });
    await writeFile(join(stand.runs, key), text, key.endsWith('.gz') ? 'latin1' : 'utf8');
  }
  return { ...stand, told: { killed, refused, approved } };
}
