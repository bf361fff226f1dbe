import { expect, test } from 'vitest';
import manifest from '../package.json' with { type: 'json' };
import { compose, openEdges, serviceOptions, VERSION } from '../lambda/compose.ts';
import type { RunEvent } from '../lambda/ports.ts';
import { PageSizes } from '../lambda/services/secoda/learned-habits.ts';
import { parseSettings, toJson } from '../lambda/settings.ts';
import { memoryArchive } from './archive/lease/memory-archive.ts';
import { HeldClock } from './time/clock.ts';

const settings = parseSettings({
  okta: { orgUrl: 'https://acme.okta.com', groups: { all: true } },
  secoda: { region: 'us' },
});
const ORIGIN = {
  trigger: 'terminal',
  requestedBy: null,
  reason: null,
  awsRequestId: null,
  functionArn: null,
} as const;

const CREDENTIALS = { okta: { apiToken: '00token' }, secoda: { apiKey: 'key' } };

/** The product as an entry puts it together; nothing is sent. */
function composed(more: Partial<Parameters<typeof compose>[0]> = {}) {
  const events: RunEvent[] = [];
  const listen = (event: RunEvent) => void events.push(event);
  const surroundings = {
    settings,
    clock: new HeldClock(),
    random: () => 0.5,
    listen,
    archive: memoryArchive(),
  };
  const options = serviceOptions(surroundings, CREDENTIALS);
  const parts = compose({ ...surroundings, origin: ORIGIN, ...more }, openEdges(options));
  return { ...parts, options, events };
}

test('what both services wait for is told by its reason', () => {
  const { options, events } = composed();
  for (const reason of ['pace', 'throttled', 'failure'] as const)
    options.okta.onProgress?.({ kind: 'wait', reason, ms: 7 });
  for (const reason of ['throttled', 'failure'] as const)
    options.secoda.onProgress?.({ kind: 'wait', reason, ms: 8 });
  expect(events).toEqual([
    { kind: 'waiting', ms: 7, reason: 'okta-pace' },
    { kind: 'waiting', ms: 7, reason: 'okta-throttled' },
    { kind: 'waiting', ms: 7, reason: 'okta-failure' },
    { kind: 'waiting', ms: 8, reason: 'secoda-throttled' },
    { kind: 'waiting', ms: 8, reason: 'secoda-failure' },
  ]);
});

test.each([
  [29_999, true],
  [30_000, false],
])('no request may take as long as the lease lasts, its body included (%i: %s)', (bodyMs, fits) => {
  const { writing, onboarding } = composed({ timeouts: { headersMs: 30_000, bodyMs } });
  for (const make of [writing, onboarding]) {
    if (fits) expect(make('a').leases).toBeDefined();
    else expect(() => make('a')).toThrow('A request must be over before the lease is');
  }
});

test('an onboarding is given no writer', () => {
  const { writing, onboarding } = composed();
  expect(Object.keys(writing('a')).sort()).toEqual(['inviter', 'leases', 'writer']);
  expect(Object.keys(onboarding('a')).sort()).toEqual(['adder', 'inviter', 'leases']);
});

test('a run knows its version and its whole configuration, and when the next one is due', () => {
  const { context } = composed();
  expect(VERSION).toBe(manifest.version);
  expect(context.origin).toEqual({
    ...ORIGIN,
    version: manifest.version,
    config: expect.stringMatching(/^[0-9a-f]{64}$/) as unknown,
  });
  expect(context.nextRunAt).toBe(Date.UTC(2026, 0, 1, 2));
  expect(context.interrupted.aborted).toBe(false);
  expect(context.holder('a')).toMatchObject({ runId: 'a', pid: process.pid });
});

test('the rows of a page are those that an earlier run learned, or that an earlier step has by heart', async () => {
  const archive = memoryArchive();
  archive.texts.set('reads/okta.short-way.json', JSON.stringify({ pageSizes: { groups: 700 } }));
  const pageSizes = new PageSizes();
  const surroundings = { settings, clock: new HeldClock(), random: () => 0.5, archive };
  const rows = async (more: object) => {
    const { secoda } = serviceOptions({ ...surroundings, ...more }, CREDENTIALS);
    await secoda.pageSizes?.ready();
    return secoda.pageSizes?.of({ of: 'groups', pageSize: 100 });
  };
  expect(await rows({})).toBe(700);
  expect(await rows({ pageSizes })).toBe(100);
  expect(await rows({ archive: undefined })).toBeUndefined();
});

test('a configuration travels as JSON that people can read', () => {
  const json = toJson(settings);
  expect(json).toContain('\n  "okta": {\n    "orgUrl": "https://acme.okta.com",\n');
  expect(parseSettings(JSON.parse(json))).toEqual(settings);
});
