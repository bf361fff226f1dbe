import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { compose, openEdges, serviceOptions } from '../../lambda/compose.ts';
import { openArchive } from '../../lambda/edges/archive/open.ts';
import type { OnboardReport } from '../../lambda/core/onboard-report.ts';
import type { Journey } from '../../lambda/ports.ts';
import { memoryDrawers } from '../../lambda/run/memory-drawer.ts';
import { runOnboard } from '../../lambda/run/onboarding/onboard.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { smallWorld } from './small-world.ts';
import { stage, type Stage } from './stage.ts';

/** As a durable function does it: a step runs at least once, here always twice, and its result goes through JSON. */
function repeating(names: string[]): Journey {
  return {
    async step<T>(name: string, work: () => Promise<T>): Promise<T> {
      names.push(name);
      await work();
      const text = JSON.stringify(await work());
      expect(text.length).toBeLessThan(50_000);
      return JSON.parse(text) as T;
    },
    wait: () => Promise.resolve(),
    rest: () => Promise.resolve(),
  };
}

/** Onboards these people step by step, over a folder of its own. */
async function onboard({ okta, secoda, clock }: Stage, emails: readonly string[]) {
  const folder = await mkdtemp(join(tmpdir(), 'onboard-steps-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  const begun = new Set<string>();
  const begunBefore = (name: string) => Promise.resolve(begun.size === begun.add(name).size);
  const surroundings = {
    settings: parseSettings({
      okta: { orgUrl: okta.url, groups: { all: true }, requestsPerMinute: 500 },
      secoda: { url: secoda.url },
    }),
    archive: openArchive(folder),
    clock,
    random: Math.random,
    listen: () => undefined,
    drawers: { ...memoryDrawers(), begunBefore },
  };
  const credentials = {
    okta: { apiToken: okta.credentials.apiToken },
    secoda: { apiKey: secoda.credentials.apiKey },
  };
  const { onboarding } = compose(surroundings, openEdges(serviceOptions(surroundings, credentials)));
  const names: string[] = [];
  const reports: OnboardReport[] = [];
  const finished = (report: OnboardReport) => Promise.resolve(void reports.push(report));
  const task = { runId: '20260102T030405Z-1a2b3c4d', emails, usage: 'throw', finished } as const;
  const end = await runOnboard(task, onboarding(task.runId), repeating(names));
  return { end, names, report: reports.at(-1) };
}

it('an onboarding whose every step is repeated and kept as JSON comes to the same end', async () => {
  const stand = await stage();
  const { pairs } = smallWorld(stand);
  const hire = stand.okta.state.addUser({ email: 'hire@acme.com' });
  for (const { okta } of pairs) stand.okta.state.join(hire, okta);
  stand.secoda.state.addUser({ email: 'hire@acme.com' });
  const { end, names, report } = await onboard(stand, ['hire@acme.com']);
  expect(end).toEqual({ status: 'applied', failure: null });
  expect(report).toMatchObject({ runId: '20260102T030405Z-1a2b3c4d', mode: 'onboard', status: 'applied' });
  expect(report?.people[0]?.answers).toEqual(pairs.map(({ okta }) => `added to ${okta.name}`));
  expect(pairs.map(({ secoda }) => secoda.users.size)).toEqual([5, 5, 5]);
  expect(stand.secoda.state.writes).toHaveLength(3);
  expect(names).toEqual(['find', 'slice-1', 'report']);
});

it('an onboarding of many people into many groups keeps nothing large between its steps', async () => {
  const stand = await stage({ speed: 60 });
  const { pairs } = smallWorld(stand, { groups: 12, people: 1 });
  const emails = Array.from({ length: 60 }, (_, n) => `hire${n}@acme.com`);
  for (const email of emails) {
    const hire = stand.okta.state.addUser({ email });
    for (const { okta } of pairs) stand.okta.state.join(hire, okta);
    stand.secoda.state.addUser({ email });
  }
  const { end, report } = await onboard(stand, emails);
  expect(end.failure).toBeNull();
  expect(report?.people).toHaveLength(60);
  expect(pairs.map(({ secoda }) => secoda.users.size)).toEqual(pairs.map(() => 61));
});
