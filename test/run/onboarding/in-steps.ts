import { expect } from 'vitest';
import { compose, openEdges, serviceOptions } from '../../../lambda/compose.ts';
import type { OnboardReport } from '../../../lambda/core/report/onboard-report.ts';
import type { Adder, Workflow } from '../../../lambda/ports.ts';
import { memoryCheckpoints } from '../../../lambda/run/workflow.ts';
import { runOnboard } from '../../../lambda/run/onboarding/onboard.ts';
import { parseSettings } from '../../../lambda/settings.ts';
import type { RunEnd } from '../../../lambda/run/context.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import type { Scenario } from '../scenario.ts';
import { ORIGIN } from '../../core/requested.ts';

/** As a durable function does it: a step runs at least once, here so many times, and its result goes through JSON. */
function repeating(times: number, names: string[]): Workflow {
  return {
    async step<T>(name: string, work: () => Promise<T>): Promise<T> {
      names.push(name);
      for (let n = 1; n < times; n++) await work();
      const text = JSON.stringify(await work());
      expect(text.length).toBeLessThan(50_000);
      return JSON.parse(text) as T;
    },
    wait: () => Promise.resolve(),
    rest: () => Promise.resolve(),
  };
}

export interface OnboardedInSteps {
  readonly end: RunEnd;
  /** Of the steps, as they began. */
  readonly names: readonly string[];
  readonly report: OnboardReport | undefined;
  /** By the address that was asked for. */
  readonly answers: Readonly<Record<string, readonly string[]>>;
}

/** Onboards these people step by step, over an archive of its own. `through` stands before the adder. */
export async function onboardInSteps(
  { okta, secoda, clock }: Scenario,
  emails: readonly string[],
  { times = 1, through = (adder: Adder) => adder } = {},
): Promise<OnboardedInSteps> {
  const begun = new Set<string>();
  const isRetry = (name: string) => Promise.resolve(begun.size === begun.add(name).size);
  const surroundings = {
    settings: parseSettings({
      okta: { orgUrl: okta.url, groups: { all: true }, requestsPerMinute: 500 },
      secoda: { url: secoda.url },
    }),
    archive: memoryArchive(),
    clock,
    random: Math.random,
    listen: () => undefined,
    origin: ORIGIN,
    checkpoints: { ...memoryCheckpoints(), isRetry },
  };
  const credentials = {
    okta: { apiToken: okta.credentials.apiToken },
    secoda: { apiKey: secoda.credentials.apiKey },
  };
  const { context, onboarding } = compose(surroundings, openEdges(serviceOptions(surroundings, credentials)));
  const names: string[] = [];
  const reports: OnboardReport[] = [];
  const finished = (report: OnboardReport) => Promise.resolve(void reports.push(report));
  const runId = '20260102T030405Z-1a2b3c4d';
  const writing = onboarding(runId);
  const task = { ...writing, runId, emails, mode: 'onboard', adder: through(writing.adder) } as const;
  const workflow = repeating(times, names);
  const end = await runOnboard(task, { ...context, workflow, usage: 'throw', finished });
  const report = reports.at(-1);
  const answers = Object.fromEntries((report?.people ?? []).map((each) => [each.email, each.answers]));
  return { end, names, report, answers };
}
