import { expect, it } from 'vitest';
import * as z from 'zod';
import { ledgerOf } from '../../../lambda/archive/ledger.ts';
import type { RunContext, WritingTask } from '../../../lambda/run/context.ts';
import { closeLeftOpen } from '../../../lambda/run/write/ledger-entries.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { managed, NOW, rulesOf, users } from '../../core/world.ts';
import { ORIGIN } from '../../core/requested.ts';

const MINUTE_MS = 60_000;
const access = (change: 'granted' | 'invited', email: string, userId: string | null) => ({
  ...{ change, person: { userId, email, oktaId: null, okta: null }, cause: 'in-group' },
  group: { secodaId: 's1', name: 'Data', oktaIds: ['g1'] },
});
const REQUEST = { trigger: 'schedule', requestedBy: null, reason: null, approve: null, awsRequestId: null };

/** What a run does about another one's intents that it finds so long (milliseconds) after they were noted. */
async function found(
  age: number,
  spoil: (texts: Map<string, string>) => void = () => undefined,
  invited = false,
) {
  const archive = memoryArchive();
  const by = { runId: 'killed', now: NOW };
  const one = access('granted', 'u1@acme.com', 'u1');
  const all = invited ? [one, access('invited', 'u2@acme.com', null)] : [one];
  await ledgerOf(archive, 'okta').append(by, () => ({ kind: 'intents', request: REQUEST, access: all }));
  spoil(archive.texts);
  const log: string[] = [];
  const read = <T>(what: string, answer: T) => Promise.resolve((log.push(what), answer));
  const workspace = {
    groups: () => read('groups', [managed('s1', 'Data', ['g1'], ['u1'])]),
    users: () => read('users', users('u2')),
  };
  const sources = { clock: { now: () => NOW + age }, workspace };
  const context = z
    .custom<RunContext>(() => true)
    .parse({ archive, rules: rulesOf({}), sources, origin: ORIGIN });
  const lease = { release: () => read('release', undefined) };
  const leases = { take: (metered: boolean) => read(`take ${metered}`, lease) };
  const task = z.custom<WritingTask>(() => true).parse({ runId: 'r2', leases });
  await closeLeftOpen(context, task);
  return { log, entry: await ledgerOf(archive, 'okta').entry(2) };
}

it('what a run left open is closed by a look at Secoda, under the lease, once a minute has passed', async () => {
  const { log, entry } = await found(MINUTE_MS);
  expect(log).toEqual(['take false', 'groups', 'release']);
  expect(entry).toMatchObject({
    ...{ kind: 'closed', number: 2, of: 1, killed: 'killed', runId: 'r2', open: [], request: REQUEST },
    access: [{ outcome: 'seen' }],
  });
  expect(await found(MINUTE_MS - 1)).toEqual({ log: [], entry: null });
});

it('the users are looked at where somebody was to be invited', async () => {
  const { log, entry } = await found(MINUTE_MS, undefined, true);
  expect(log).toEqual(['take false', 'groups', 'users', 'release']);
  expect(entry).toMatchObject({ access: [{ outcome: 'seen' }, { change: 'invited', outcome: 'seen' }] });
});

it('nothing is done where nothing is open', async () => {
  expect(await found(MINUTE_MS, (texts) => texts.clear())).toEqual({ log: [], entry: null });
});
