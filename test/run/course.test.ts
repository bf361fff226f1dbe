import { expect, it } from 'vitest';
import { entriesSince, ledgerOf } from '../../lambda/archive/ledger.ts';
import { memoryOf } from '../../lambda/archive/state-file.ts';
import { memoryArchive } from '../archive/lease/memory-archive.ts';
import { status } from '../emulators/index.ts';
import { company, heard, INVITING, lines, recordedApply, recordedOnboarding } from './recorded.ts';
import { scenario } from './scenario.ts';

it('an apply goes from step to step, with rests between them', async () => {
  const stand = await scenario();
  company(stand);
  const { course, told, kept, end } = await recordedApply(stand, INVITING);
  expect(end).toEqual({ status: 'applied', failure: null });
  expect(lines(course)).toEqual([
    'begin 1767225600000',
    'list {"listing":<listing>,"users":<users>,"quiet":null,"needed":2,"toAsk":0}',
    'before-members-1 60000',
    'members-1 {"kept":<members-1>,"next":2}',
    'before-plan 60000',
    'plan {"plan":<plan>,"slices":<slices>,"sliceCount":1,"changes":2,"invitations":1,"seatsApproved":false,"whole":true,"snapshot":"HASH"}',
    'slice-1 {"kept":{"written":<slice-1-written>,"toSee":2,"users":<users>},"settled":2,"left":[],"failures":0,"stop":null,"due":0,"endedAt":1767225600000}',
    'look-again <look-again>',
    'invitations {"invitations":[{"emails":["cid@acme.com"],"groups":[{"oktaIds":["00g-a"],"secodaId":"s-a","name":"A"}]}],"invitees":null}',
    'invite-1 {"kept":[{"email":"cid@acme.com","outcome":"applied","error":null}],"settled":1,"left":[],"failures":0,"stop":null,"due":0,"endedAt":1767225600000}',
    'report {"status":"applied","note":null}',
  ]);
  expect(heard(told)).toEqual([
    'read okta-groups 2 2',
    'read secoda-users 2 2',
    'read secoda-groups 3 3',
    'read okta-members 1 2',
    'read okta-members 2 2',
    'planned',
    'outcome update s-a A +u-ann -u-bea: applied 1 2',
    'outcome delete s-c C -u-bea: applied 2 2',
    'invited 1 1',
  ]);
  const parts = ['slice-of-plan-1', 'slices', 'look-again'];
  expect(lines(parts.map((key) => [key, kept.get(key)]))).toEqual([
    'slice-of-plan-1 {"approved":{},"baseline":{"groupsInScope":2,"managedGroups":3,"memberships":3},"mayLeave":null,"positions":[0,1],"memberships":[["00g-a",{"readAt":1767225600000,"people":[{"id":"00u-ann","status":"ACTIVE","email":"ann@acme.com","login":"ann@acme.com"},{"id":"00u-cid","status":"ACTIVE","email":"cid@acme.com","login":"cid@acme.com"}],"doubt":null}]],"leftAlone":[],"before":[{"id":"s-a","name":"A","description":"Managed by Okta (00g-a) via okta. Changes made in Secoda are overwritten.","userIds":["u-bea"],"updatedAt":"2026-01-01T00:00:00.000000Z"},{"id":"s-c","name":"C","description":"Managed by Okta (00g-c) via okta. Changes made in Secoda are overwritten.","userIds":["u-bea"],"updatedAt":"2026-01-01T00:00:00.000002Z"}]}',
    'slices [{"kept":<slice-of-plan-1>,"metered":true,"changes":2}]',
    'look-again {"outcomes":[],"shown":[]}',
  ]);
});

it('an onboarding goes from step to step', async () => {
  const stand = await scenario();
  company(stand);
  const { course, told, end } = await recordedOnboarding(stand, ['ann@acme.com', 'cid@acme.com'], INVITING);
  expect(end).toEqual({ status: 'applied', failure: null });
  expect(lines(course)).toEqual([
    'find {"digest":"e3b0c44298fc1c14","refusals":[],"passed":[],"startedAt":1767225600000,"onboarding":<onboarding>,"joins":1,"invitations":1,"stop":null}',
    'slice-1 {"kept":<slice-1-written>,"settled":1,"left":[],"failures":0,"stop":null,"due":0,"endedAt":1767225600000}',
    'invitations {"invitations":[{"emails":["cid@acme.com"],"groups":[{"oktaIds":["00g-a"],"secodaId":"s-a","name":"A"}]}],"invitees":[["cid@acme.com",["00u-cid"]]]}',
    'invite-1 {"kept":[{"email":"cid@acme.com","outcome":"applied","error":null}],"settled":1,"left":[],"failures":0,"stop":null,"due":0,"endedAt":1767225600000}',
    'report {"status":"applied","note":null}',
  ]);
  expect(heard(told)).toEqual([
    'read secoda-users 2 2',
    'read okta-groups 2 2',
    'read secoda-groups 3 3',
    'invited 1 1',
  ]);
});

it('an onboarding that cannot be found out, and an apply that cannot be planned, go to their reports at once', async () => {
  const stand = await scenario();
  company(stand);
  stand.secoda.faults.add({ on: 'secoda.user.list', effect: status(401), times: Infinity });
  const found = await recordedOnboarding(stand, ['ann@acme.com'], INVITING);
  expect(lines(found.course)).toEqual([
    'find {"onboarding":null,"joins":0,"invitations":0,"refusals":[],"digest":"","passed":[],"startedAt":1767225600000,"stop":{"kind":"access","message":"GET /api/v1/user page 1: Secoda does not accept the API key (401, Secoda said: The emulator was told to fail.). Check that the key belongs to the workspace at HOST, or let an Admin create a new one in Secoda\'s settings.","problems":[]}}',
    'report {"status":"failed","note":{"kind":"access","message":"GET /api/v1/user page 1: Secoda does not accept the API key (401, Secoda said: The emulator was told to fail.). Check that the key belongs to the workspace at HOST, or let an Admin create a new one in Secoda\'s settings.","problems":[]}}',
  ]);
  const planned = await recordedApply(stand, INVITING);
  expect(lines(planned.course)).toEqual([
    'begin 1767225600000',
    'report {"status":"failed","note":{"kind":"access","message":"GET /api/v1/user page 1: Secoda does not accept the API key (401, Secoda said: The emulator was told to fail.). Check that the key belongs to the workspace at HOST, or let an Admin create a new one in Secoda\'s settings.","problems":[]}}',
  ]);
});

it('what is ours is remembered as it was found, but not by a refused run that was told to look at some groups only', async () => {
  const refusing = { guard: { memberRemovals: { max: 0, percent: 0 } } };
  const remembered = async (config: object, groups: readonly string[] = []) => {
    const stand = await scenario();
    company(stand);
    const archive = memoryArchive();
    const { end } = await recordedApply(stand, config, archive, { groups });
    return [end.status, [...(await memoryOf(archive, 'okta')).groups.keys()]];
  };
  expect(await remembered(refusing)).toEqual(['refused', ['s-a', 's-b', 's-c']]);
  expect(await remembered(refusing, ['A'])).toEqual(['refused', []]);
  expect(await remembered(refusing, ['B'])).toEqual(['in-sync', ['s-b']]);
});

it('somebody is asked before the first write or invitation, and not where there is none', async () => {
  const asking = async (config: object, groups: readonly string[], answer: boolean) => {
    const stand = await scenario();
    company(stand);
    let asked = 0;
    const confirm = () => Promise.resolve((asked++, answer));
    const { end, course } = await recordedApply(stand, config, memoryArchive(), { groups, confirm });
    return [end.status, asked, course.slice(-2).map(([name]) => name)];
  };
  expect(await asking({}, [], false)).toEqual(['planned', 1, ['plan', 'report']]);
  expect(await asking({}, [], true)).toEqual(['applied', 1, ['look-again', 'report']]);
  expect(await asking({}, ['B'], false)).toEqual(['in-sync', 0, ['plan', 'report']]);
});

it('a run that has nothing to write closes what another one left open, and one that is only asked for a plan does not', async () => {
  const stand = await scenario();
  company(stand);
  const archive = memoryArchive();
  const request = { trigger: 'schedule', requestedBy: null, reason: null, approve: null, awsRequestId: null };
  const by = { runId: 'killed', now: stand.clock.now() - 60_000 };
  await ledgerOf(archive, 'okta').append(by, () => ({ kind: 'intents', request, access: [] }));
  const confirm = () => Promise.resolve(false);
  await recordedApply(stand, {}, archive, { confirm });
  expect((await ledgerOf(archive, 'okta').last())?.open).toEqual([1]);
  await recordedApply(stand, {}, archive, { groups: ['B'] });
  expect((await ledgerOf(archive, 'okta').last())?.open).toEqual([]);
});

it('while losses are held nobody may be lost otherwise than planned, and while growth is, anybody may', async () => {
  const mayLeave = async (guard: object) => {
    const stand = await scenario();
    company(stand);
    const { kept, end } = await recordedApply(stand, { guard: { overLimit: 'hold', ...guard } });
    const [line = ''] = lines([['slice', kept.get('slice-of-plan-1')]]);
    return [end.status, /"mayLeave":("nobody"|null)/.exec(line)?.[1]];
  };
  const none = { max: 0, percent: 0 };
  expect(await mayLeave({ memberRemovals: none })).toEqual(['held', '"nobody"']);
  expect(await mayLeave({ additionsPerGroup: none })).toEqual(['held', 'null']);
  expect(await mayLeave({})).toEqual(['applied', 'null']);
});

it('a complete run is remembered as the last one where it left something out', async () => {
  const last = async (config: object, but: Parameters<typeof company>[1] = {}) => {
    const stand = await scenario();
    company(stand, but);
    const archive = memoryArchive();
    await recordedApply(stand, config, archive);
    return [...(await memoryOf(archive, 'okta')).lastRuns.values()];
  };
  // Cid has no account.
  expect(await last({})).toEqual(['20260102T030405Z-1a2b3c4d']);
  expect(await last({}, { everybody: true })).toEqual([]);
});

it('a run that tried nothing has no end in the ledger, and one that did has', async () => {
  const ended = async (fails: boolean) => {
    const stand = await scenario();
    company(stand);
    const effect = status(401);
    if (fails) stand.secoda.faults.add({ on: 'secoda.group.list', nth: 2, times: Infinity, effect });
    const archive = memoryArchive();
    const { end } = await recordedApply(stand, {}, archive);
    const entries = await entriesSince(archive, 'okta', '');
    return [end.status, entries.map(({ kind }) => kind).sort()];
  };
  expect(await ended(true)).toEqual(['failed', []]);
  expect(await ended(false)).toEqual(['applied', ['end', 'intents', 'outcomes']]);
});
