/** A night of which all that is printed, asked for and kept can be compared. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { VERSION } from '../../lambda/compose.ts';
import { drift, smallWorld } from './small-world.ts';
import { type Scenario, scenario, type ScenarioOptions } from './scenario.ts';

/** A scenario on a terminal, with names for ids, so that all that is printed and kept can be compared. */
export async function named(options: ScenarioOptions) {
  const stand = await scenario({
    terminal: true,
    environment: (okta, secoda) => ({
      OKTA_API_TOKEN: okta.credentials.apiToken,
      SECODA_API_KEY: secoda.credentials.apiKey,
      OKTA_ORG_URL: okta.url,
      GITHUB_ACTOR: 'ada',
      NO_COLOR: '1',
    }),
    ...options,
  });
  const names = new Map<string, string>([
    [`${stand.runs}/`, 'RUNS/'],
    [VERSION, 'VERSION'],
    [stand.okta.url, 'OKTA'],
    [stand.secoda.url, 'SECODA'],
  ]);
  const learn = ({ okta, secoda }: Scenario) => {
    for (const { id, name } of okta.state.groups.values()) names.set(id, `okta ${name}`);
    for (const { id, profile } of okta.state.users.values())
      if (typeof profile['email'] === 'string') names.set(id, `okta ${profile['email']}`);
    for (const { id, name } of secoda.state.groups.values()) names.set(id, `secoda ${name}`);
    for (const { id, email } of secoda.state.users.values()) names.set(id, `secoda ${email}`);
  };
  const clean = (text: string) => {
    learn(stand);
    let whole = text.replaceAll(/\d{8}T\d{6}Z-[0-9a-f]{8}/g, 'RUN').replaceAll(/[0-9a-f]{64}/g, 'HASH');
    for (const [id, name] of names) whole = whole.replaceAll(id, name);
    return whole;
  };
  return {
    ...stand,
    learn: () => learn(stand),
    /** The lines that were printed, those that were written over too. */
    told: async (...args: readonly string[]) => {
      const { stdout, stderr, code } = await stand.sync(...args);
      const lines = clean(stdout).replaceAll('\r\u001b[2K', '\n').split('\n');
      return { code, stderr: clean(stderr), lines: lines.filter((line) => line !== '') };
    },
    /** The lines of a file of the archive. */
    kept: async (key: string) =>
      clean(await readFile(join(stand.runs, key), 'utf8'))
        .trim()
        .split('\n'),
    /** What was asked for since it was last asked, how often. */
    asked: () =>
      Object.fromEntries(
        [
          ...Map.groupBy(
            [...stand.okta.requests.splice(0), ...stand.secoda.requests.splice(0)],
            ({ route }) => route,
          ),
        ]
          .map(([route, all]) => [route, all.length] as const)
          .sort(([a], [b]) => (a < b ? -1 : 1)),
      ),
  };
}

/** Changes of every kind, somebody to be invited, and a group that is left as it is. */
export async function drifted() {
  const stand = await named({
    config: { groups: { frozen: ['Frozen'] }, users: { invite: { role: 'viewer' } } },
  });
  const world = smallWorld(stand, { people: 2 });
  const [first] = world.pairs;
  if (first === undefined) throw new Error('there are three');
  stand.learn();
  drift(stand, world);
  const lonely = stand.okta.state.addUser({ email: 'lonely@acme.com' });
  stand.okta.state.addGroup({ name: 'Frozen', members: [lonely] });
  stand.okta.state.join(lonely, first.okta);
  return stand;
}
