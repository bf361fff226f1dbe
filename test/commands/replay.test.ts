import { describe, expect, it } from 'vitest';
import { keepSnapshot } from '../../lambda/archive/snapshot.ts';
import { replay } from '../../lambda/commands/replay.ts';
import { jsonOf } from '../../lambda/core/model/json.ts';
import { NO_READS } from '../../lambda/core/model/reads.ts';
import { NOTHING_RECENT } from '../../lambda/core/guard/recent.ts';
import { planAgain, type Snapshot } from '../../lambda/core/plan/plan-again.ts';
import { outlineOf } from '../../lambda/core/report/difference.ts';
import { parseSettings, rulesOf, toJson } from '../../lambda/settings.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { inputOf, managed, NOW, oktaGroup, user, type World } from '../core/world.ts';

const RUN = '20260105T020000Z-abcd';
const PLACES = { okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } }, secoda: { region: 'eu' } };
const settingsOf = (config: object) => parseSettings({ ...PLACES, ...config });

/** The snapshot of a run over this world, by this configuration, planned again by another one. */
async function replayed(
  world: World,
  config: object,
  by: object,
  given: Partial<Snapshot> = {},
  asKept?: object,
) {
  const { directory, workspace, memory, now, nextRunAt, invited = new Map() } = inputOf(world);
  const none = { recent: NOTHING_RECENT, worklist: null, due: [], approval: null, heldBefore: null };
  const input = { directory, workspace, memory, now, nextRunAt, invited, reads: NO_READS };
  const snapshot = { ...input, ...none, ...given };
  const settings = settingsOf(config);
  const { plan, verdict } = planAgain(snapshot, { rules: rulesOf(settings), guard: settings.guard });
  const outline = outlineOf(plan, verdict.refusals);
  const archive = memoryArchive();
  const kept = asKept ?? jsonOf(toJson(settings));
  await keepSnapshot(archive, { runId: RUN, version: '1.0.0', config: kept, snapshot, outline });
  return replay(archive, 'last', settingsOf(by));
}

const GONE: World = {
  okta: [{ id: '00g1', name: 'Data', people: ['u1@acme.com'] }],
  users: [user('u1')],
  groups: [managed('s1', 'Data', ['00g1'], ['u1']), managed('s2', 'Ops', ['00g2'], ['u1'])],
  unlisted: new Map([['00g2', oktaGroup('00g2', 'Ops')]]),
  nextRunAt: NOW + 7_000,
};

const dueIn = async (config: object, by: object) =>
  (await replayed(GONE, config, by)).plan.skipped.map(({ reason }) => reason.split(', due ')[1]);

it('a deletion is due at the next run that was scheduled then, or that another schedule says', async () => {
  expect(await dueIn({}, {})).toEqual(['2026-01-05T02:00:07.000Z']);
  expect(await dueIn({}, { guard: { minimumGroups: 2 } })).toEqual(['2026-01-05T02:00:07.000Z']);
  const schedule = { cron: '0 5 * * ? *', timeZone: 'UTC' };
  expect(await dueIn({}, { schedule })).toEqual(['2026-01-05T05:00:00.000Z']);
  expect(await dueIn({ schedule }, { schedule })).toEqual(['2026-01-05T02:00:07.000Z']);
});

describe('a plan made again', () => {
  const INVITED: World = {
    okta: [{ id: '00g1', name: 'Data', people: ['ada@acme.com'] }],
    invited: ['ada@acme.com'],
  };
  const invite = { users: { invite: { role: 'viewer' } } };

  it('knows what earlier runs left behind, unless under another name', async () => {
    const invitedBy = async (by: object) => (await replayed(INVITED, invite, by)).plan.invitations.length;
    expect(await invitedBy(invite)).toBe(0);
    expect(await invitedBy({ ...invite, name: 'emea' })).toBe(1);
  });

  it('is judged by the word of an operator for that plan alone, and any other without it', async () => {
    const given = { approval: { digest: '0123456789abcdef', refused: null } };
    const groups = [managed('s1', 'Data', ['00g1'], ['u1', 'u2'])];
    const leaver: World = { ...GONE, users: [user('u1'), user('u2')], groups };
    const rulesBy = async (by: object) =>
      (await replayed(leaver, {}, by, given)).refusals.map(({ rule }) => rule);
    expect(await rulesBy({})).toEqual(['approve']);
    expect(await rulesBy({ guard: { minimumGroups: 2 } })).toEqual(['minimumGroups']);
    expect(await rulesBy({ dryRun: true })).toEqual([]);
  });

  it('differs in the keys that say something else, and in no default that the run did not write down', async () => {
    const sparse = { ...PLACES, groups: { exclude: ['Old *'] } };
    const { compared } = await replayed(INVITED, sparse, sparse, {}, sparse);
    expect(compared.keys).toEqual([]);
    const { keys } = (await replayed(INVITED, {}, { dryRun: true, schedule: { every: '10 minutes' } }))
      .compared;
    expect(keys).toEqual([
      {
        key: 'schedule',
        was: '{"cron":"0 2 * * ? *","timeZone":"UTC"}',
        is: '{"every":"10 minutes"}',
        ...{ alone: null, why: null },
      },
      { key: 'dryRun', was: 'false', is: 'true', alone: null, why: 'no plan depends on it' },
    ]);
  });

  it('says of each of several keys what it alone changes, also of one that the run did not set', async () => {
    const alone = { ...invite, name: 'emea' };
    const { keys } = (await replayed(INVITED, {}, alone)).compared;
    expect(keys.map(({ key, was, alone }) => [key, was, alone?.same, alone?.invite])).toEqual([
      ['name', '"okta"', false, ['ada@acme.com']],
      ['users.invite', 'false', false, ['ada@acme.com']],
    ]);
  });

  it('of a configuration that this version cannot make sense of is compared key by key as it is written', async () => {
    const legacy = { ...PLACES, groups: { exclude: ['Old *'], legacy: 1 } };
    const { keys } = (await replayed(INVITED, {}, {}, {}, legacy)).compared;
    expect(keys.find(({ key }) => key === 'groups.legacy')).toEqual({
      ...{ key: 'groups.legacy', was: '1', is: null, alone: null, why: 'it cannot be undone alone' },
    });
  });
});
