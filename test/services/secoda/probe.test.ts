import { describe, expect, test } from 'vitest';
import { probeSecoda } from '../../../lambda/services/secoda/probe.ts';
import { LeaseOver } from '../../../lambda/errors.ts';
import {
  type Effect,
  isJsonObject,
  resetAfter,
  resetBefore,
  rewrite,
  type SecodaEmulator,
  type SecodaOptions,
  status,
} from '../../emulators/index.ts';
import { aSecoda, LoggingGate, optionsFor } from './setup.ts';

const NAME = 'okta-secoda-sync probe run-1';

async function aWorkspace(options: SecodaOptions = {}): Promise<SecodaEmulator> {
  const secoda = await aSecoda(options);
  secoda.state.addUser({ email: 'invited@acme.example', pending: true });
  const ada = secoda.state.addUser({ email: 'ada@acme.example' });
  secoda.state.addGroup({ name: 'Data', users: [ada] });
  return secoda;
}

/** What is found, by what was looked at: `✓`, `✗` or `–` and the detail. Nothing but the probe's own may change. */
async function probe(secoda: SecodaEmulator, options: Partial<Parameters<typeof probeSecoda>[0]> = {}) {
  const gate = new LoggingGate();
  const findings = await probeSecoda({ ...optionsFor(secoda), gate, id: 'run-1', ...options });
  expect(JSON.stringify(findings)).not.toContain(secoda.credentials.apiKey);
  expect(secoda.state.memberEmails('Data')).toEqual(['ada@acme.example']);
  const line = ({ ok, detail }: (typeof findings)[number]) =>
    `${ok === null ? '–' : ok ? '✓' : '✗'} ${detail}`;
  const found = Object.fromEntries(findings.map((each) => [each.check.replace('Secoda: ', ''), line(each)]));
  const fixes = findings.flatMap(({ ok, fix }) => (ok === false ? [fix] : []));
  return { found, fixes, gate };
}

function groupNames(secoda: SecodaEmulator): string[] {
  return [...secoda.state.groups.values()].map(({ name }) => name);
}

test('a workspace that does all as expected is told so, and the scratch group is gone', async () => {
  const secoda = await aWorkspace();
  const { found, gate } = await probe(secoda);
  const { 'create a group': created, ...others } = found;
  expect(created).toMatch(/^✓ \S+ is shown as it was asked for$/);
  expect(others).toEqual({
    'members of a group': '✓ a list of users replaces the one before, and an empty one empties the group',
    'fields left out of a PATCH': '✓ a PATCH of the users keeps name and description',
    updated_at: '✓ moves with the members',
    invitations: '– not tried: even a trial could make a person',
    'length of a description': '✓ 10000 characters are kept; longer ones were not tried',
    'lines of a description': '✓ are kept as they are',
    'delete a group': '✓ the scratch group is gone',
  });
  expect(groupNames(secoda)).toEqual(['Data']);
  expect(gate.log.filter((entry) => entry === 'enter')).toHaveLength(7);
  expect(gate.log.filter((entry) => entry === 'enter unmetered')).toHaveLength(1);
  // The marker that it tries is one that no sync takes for its own.
  expect(secoda.requests.some(({ body }) => /Managed by Okta .* via (?!probe-of-a-marker)/.test(body))).toBe(
    false,
  );
});

test.each([
  [{ descriptionLimit: 2_000 }, '✓ 1200 characters are kept; 4000 characters are refused: PATCH'],
  [
    { descriptionLimit: 2_000, longDescription: 'truncated' },
    '✓ 1200 characters are kept; of 4000 characters 2000 are kept',
  ],
  [{ descriptionLimit: 500 }, '✗ 200 characters are kept; 1200 characters are refused: PATCH'],
] as const)('a limit of descriptions is found: %o', async (options, words) => {
  const { found } = await probe(await aWorkspace(options));
  expect(found['length of a description']).toContain(words);
});

test.each([
  ['html', '✓ the marker line is recognised; the description begins with "<p>Managed by Okta (00gprobe) via'],
  ['markdown', '✓ the marker line is recognised; the description begins with "**Managed by Okta'],
  [
    'backslashes',
    '✓ the marker line is recognised; the description begins with "Managed by Okta \\\\(00gprobe',
  ],
  ['entities', '✓ are kept but for white space and escapes'],
  ['crlf', '✓ are kept but for white space and escapes'],
] as const)('a marker line that comes back as %s is told', async (descriptions, words) => {
  const { found } = await probe(await aWorkspace({ descriptions }));
  const { 'lines of a description': line = '' } = found;
  expect(line).toContain(words);
  const [, beginning] = /begins with (".*")$/.exec(line) ?? [];
  if (beginning !== undefined) expect(JSON.parse(beginning)).toHaveLength(60);
});

describe('what Secoda does otherwise is told:', () => {
  const group = (fields: Record<string, string | string[]>): Effect =>
    rewrite((reply) => (isJsonObject(reply.body) ? { ...reply, body: { ...reply.body, ...fields } } : reply));
  test.each([
    ['members', { users: [] }, 'members of a group', /^✗ the user \S+ was not kept as a member$/],
    ['a description', { description: '' }, 'fields left out of a PATCH', /^✗ .* changes name or description/],
    ['a time stamp', { updated_at: '2026-01-01' }, 'updated_at', /^✓ moves with the members$/],
    ['lines', { description: 'One line' }, 'lines of a description', /^✗ the marker line does not come back/],
  ])('%s', async (_, fields, check, words) => {
    const secoda = await aWorkspace();
    const times = 'description' in fields ? Infinity : 1;
    secoda.faults.add({ on: 'secoda.group.get', times, when: gone(secoda), effect: group(fields) });
    const { found } = await probe(secoda);
    expect(found[check]).toMatch(words);
    expect(groupNames(secoda)).toEqual(['Data']);
  });

  /** Only while the scratch group is there: its absence is to show as it is. */
  function gone(secoda: SecodaEmulator) {
    return () => secoda.state.groups.size > 1;
  }
});

test.each(['published', 'pending as text', 'is_active', 'none'] as const)(
  'members are tried where Secoda tells who is active by %s',
  async (userFields) => {
    const secoda = await aWorkspace({ userFields, invited: userFields === 'none' ? 'kept' : 'refused' });
    const { found } = await probe(secoda);
    expect(found['members of a group']).toMatch(/^✓ a list of users replaces/);
  },
);

test('without anybody who could be active no members are tried', async () => {
  const secoda = await aSecoda();
  secoda.state.addUser({ email: 'invited@acme.example', pending: true });
  secoda.state.addUser({ email: 'etl@acme.example', serviceAccount: true });
  const ada = secoda.state.addUser({ email: 'ada@acme.example', disabled: true });
  secoda.state.addGroup({ name: 'Data', users: [ada] });
  const { found } = await probe(secoda);
  expect(found['members of a group']).toBe('– nobody who could be active is listed');
  expect(found['length of a description']).toMatch(/^✓/);
});

test('a PATCH that is refused without a name is told, and the rest is tried with it', async () => {
  const secoda = await aWorkspace({ patchNeedsName: true });
  const { found } = await probe(secoda);
  expect(found['fields left out of a PATCH']).toBe(
    '✓ a PATCH of the users keeps name and description; one without the name is refused, so a sync sends it along',
  );
  expect(found['length of a description']).toMatch(/^✓ 10000/);
});

test('a key that may not write is told, with the fix', async () => {
  const secoda = await aWorkspace();
  const { found, fixes } = await probe(secoda, { apiKey: secoda.credentials.viewerKey });
  expect(found['create a group']).toMatch(
    /^✗ POST \/api\/v1\/auth\/group: the Secoda API key lacks the right/,
  );
  expect(found['delete a group']).toBe('– there was no scratch group to delete');
  expect(fixes[0]).toContain('made by an Admin');
});

test('the scratch group is deleted after a failure in between', async () => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: 'secoda.group.update', times: Infinity, effect: status(500) });
  const { found } = await probe(secoda);
  expect(found['members of a group']).toMatch(/^✗ PATCH /);
  expect(found['delete a group']).toBe('✓ the scratch group is gone');
  expect(groupNames(secoda)).toEqual(['Data']);
});

test('a scratch group that goes away in between is told as that, and not as a limit', async () => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: 'secoda.group.get', times: Infinity, effect: status(404) });
  const { found } = await probe(secoda);
  const gone = /^✗ GET \S+: the scratch group is gone \(404\)$/;
  expect(found['members of a group']).toMatch(gone);
  expect(found['length of a description']).toMatch(gone);
});

test('a scratch group whose creation was not answered is known by its description, as no other is', async () => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: 'secoda.group.create', effect: resetAfter() });
  expect((await probe(secoda)).found['create a group']).toMatch(/^✓ \S+ is shown as it was asked for$/);
  const other = await aWorkspace();
  const when = () => {
    if (!groupNames(other).includes(NAME)) other.state.addGroup({ name: NAME, description: 'Ours' });
    return true;
  };
  other.faults.add({ on: 'secoda.group.create', when, times: Infinity, effect: resetBefore() });
  expect((await probe(other)).found['create a group']).toMatch(/^✗ /);
});

test('a scratch group whose creation was not answered is deleted as well', async () => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: 'secoda.group.create', effect: resetAfter() });
  // More failures than the look after the creation has time for, and fewer than the clean-up has.
  secoda.faults.add({ on: 'secoda.group.list', nth: 2, times: 10, effect: status(500) });
  const { found } = await probe(secoda);
  expect(found['create a group']).toMatch(/^✗ .*whether the group exists is unknown/);
  expect(groupNames(secoda)).toEqual(['Data']);
});

test.each([
  ['cannot be deleted', resetBefore(), /^✗ DELETE /],
  ['is there after it was deleted', status(204), /^✗ \S+ is still there after it was deleted$/],
])('a scratch group that %s is named with its id', async (_, effect, told) => {
  const secoda = await aWorkspace();
  secoda.faults.add({ on: 'secoda.group.delete', times: Infinity, effect });
  const { found, fixes } = await probe(secoda);
  expect(found['delete a group']).toMatch(told);
  expect(fixes.at(-1)).toBe(`Delete the group "${NAME}" (${secoda.state.group(NAME).id}) in Secoda by hand.`);
});

test('a probe whose lease ends cleans up and says so', async () => {
  const secoda = await aWorkspace();
  let metered = 0;
  const enter = (counts: boolean) => {
    if (counts) metered += 1;
    return metered > 3 && counts ? Promise.reject(new LeaseOver('the lease is over')) : Promise.resolve();
  };
  const { found } = await probe(secoda, {
    gate: { enter, leave: () => undefined, throttled: () => undefined },
  });
  expect(found['length of a description']).toBe('✗ the lease is over');
  expect(groupNames(secoda)).toEqual(['Data']);
});

test('another group of the same name is left alone', async () => {
  const secoda = await aWorkspace();
  const { id } = secoda.state.addGroup({ name: NAME });
  await probe(secoda);
  expect(secoda.state.groups.has(id)).toBe(true);
  expect(secoda.state.groups.size).toBe(2);
});

test('nothing is posted that could make a person', async () => {
  const secoda = await aWorkspace();
  expect((await probe(secoda)).found['invitations']).toBe('– not tried: even a trial could make a person');
  expect(secoda.requests.filter(({ route }) => route === 'secoda.user.invite')).toEqual([]);
});
