import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import * as z from 'zod';
import { bundle } from '../../../infra/bundler.ts';
import { HeldClock } from '../../time/clock.ts';
import { startS3 } from '../s3.ts';
import { durableRunner, type RunnerOptions } from './durable-runner.ts';
import type { Limits } from './execution.ts';
import { startLambda } from './lambda.ts';
import { invokePlain } from './plain-function.ts';

let folder = '';
let artefact = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'durable-runner-'));
  artefact = join(folder, 'index.mjs');
  const here = (file: string): string => fileURLToPath(new URL(file, import.meta.url));
  await bundle(here('sample-function.ts'), folder, here('../../../sync.config.ts'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function scenario(options: Partial<RunnerOptions> = {}, limits: Partial<Limits> = {}) {
  const clock = new HeldClock();
  const s3 = await startS3();
  const lambda = await startLambda({ clock, limits });
  const environment = { AWS_ENDPOINT_URL_S3: s3.url };
  const runner = durableRunner({ clock, lambda, bundle: artefact, environment, ...options });
  onTestFinished(async () => {
    await runner.close();
    await Promise.all([s3.close(), lambda.close()]);
  });
  const effects = () => [...s3.objects.values()].map((versions) => versions.length);
  return { clock, s3, lambda, runner, effects };
}

const times = (result: unknown): number[] =>
  z
    .object({ times: z.array(z.string()) })
    .parse(result)
    .times.map((time) => Date.parse(time));
const succeeded = (ran: { outcome: { status: string; result?: unknown } }): number[] => {
  expect(ran.outcome.status).toBe('SUCCEEDED');
  return times(ran.outcome.result);
};

describe('a durable function in child processes', () => {
  it('ends at every wait and goes on in a new process, an hour later by its own clock, at once by that of the machine', async () => {
    const { clock, runner, effects } = await scenario();
    const start = clock.now();
    const ran = await runner.run({ steps: 2, waitSeconds: 3600 });
    const [first = 0, second = 0] = succeeded(ran);
    expect(second - first).toBe(3_600_000);
    expect(clock.now() - start).toBe(7_200_000);
    expect(effects()).toEqual([1, 1]);
    expect(new Set(ran.invocations.map(({ pid }) => pid)).size).toBe(3);
    expect(ran.printed).toBe('the end\n');
    // The execution itself, two steps and two waits.
    expect(ran.execution.used).toMatchObject({ operations: 5, stale: 0 });
  });

  it('may go on in the same process', async () => {
    const { runner } = await scenario({ warm: true });
    const ran = await runner.run({ steps: 2 });
    succeeded(ran);
    expect(ran.invocations).toHaveLength(3);
    expect(new Set(ran.invocations.map(({ pid }) => pid)).size).toBe(1);
  });

  it('lets time leap through its own pauses, too', async () => {
    const { runner } = await scenario();
    const [first = 0, second = 0] = succeeded(
      await runner.run({ steps: 2, waitSeconds: 0, pauseMs: 400_000 }),
    );
    expect(second - first).toBe(400_000);
  });

  it('is ended after 15 minutes, and begun again until there have been too many invocations', async () => {
    const { clock, runner, effects } = await scenario({ maxInvocations: 2 });
    const start = clock.now();
    const ran = runner.run({ steps: 3, waitSeconds: 0, pauseMs: 600_000 });
    // A step that is done stays done: the second invocation takes up the second step.
    await expect(ran).rejects.toThrow('has not ended after 2 invocations: {"by":"timed-out"');
    expect(effects()).toEqual([1, 1]);
    expect(clock.now() - start).toBeGreaterThanOrEqual(1_800_000);
  });

  it('shares its time with another one', async () => {
    const { clock, lambda, runner } = await scenario({ warm: true });
    const start = clock.now();
    const both = await Promise.all([
      runner.run({ steps: 2, waitSeconds: 3600 }, 'one'),
      runner.run({ steps: 2, waitSeconds: 3601 }, 'two'),
    ]);
    expect(both.map((ran) => succeeded(ran).length)).toEqual([2, 2]);
    expect(clock.now() - start).toBe(7_202_000);
    expect(lambda.executions).toHaveLength(2);
    expect(await runner.run({ steps: 2, waitSeconds: 3600 }, 'one')).toBe(both[0]);
  });

  it('is given up when it never gets further than an error', async () => {
    const { runner } = await scenario({ warm: true, bundle: join(folder, 'nowhere.mjs') });
    await expect(runner.run({ steps: 1 })).rejects.toThrow(/after 5 invocations.+nowhere\.mjs/);
  });

  it('runs a step again that fails, later, in a new process', async () => {
    const { s3, runner, effects } = await scenario();
    const ran = await runner.run({ steps: 1, waitSeconds: 0, failures: 1 });
    const [second = 0] = succeeded(ran);
    expect(effects()).toEqual([2]);
    const [first] = s3.objects.get('effects/step-1') ?? [];
    expect(second - Date.parse(first?.metadata['at'] ?? '')).toBeGreaterThanOrEqual(30_000);
    expect(ran.invocations).toHaveLength(2);
    expect(ran.execution.used.operations).toBe(3);
  });
});

describe('a function that is not durable', () => {
  it('is called once, in a process of its own', async () => {
    const { clock } = await scenario();
    const plain = join(folder, 'plain.mjs');
    const source = `export const handler = async (event, context) => {
      console.log('called');
      if (event.fail) throw new Error('no');
      return { event, left: context.getRemainingTimeInMillis() > 59_000, name: context.functionName };
    };`;
    await writeFile(plain, source);
    const call = (event: object) => invokePlain({ clock, bundle: plain, environment: {} }, event);
    const value = { event: { a: 1 }, left: true, name: 'Start' };
    expect(await call({ a: 1 })).toMatchObject({ by: 'returned', value, printed: 'called\n' });
    const failed = await call({ fail: true });
    expect(failed.by === 'threw' && failed.error).toContain('no');
  });
});

describe('a killed process', () => {
  it('is followed by another, which replays what was done and repeats what was not known to be', async () => {
    const { s3, lambda, runner, effects } = await scenario();
    const kill = () => runner.kill();
    s3.moments.at('before', 'PutObject', 1, kill);
    s3.moments.at('after', 'PutObject', 3, kill);
    lambda.moments.at('before', /START step-4/, 1, kill);
    lambda.moments.at('after', /SUCCEED step-3/, 1, kill);
    const ran = await runner.run({ steps: 4, waitSeconds: 0 });
    succeeded(ran);
    expect(ran.invocations.map(({ by }) => by)).toEqual(['killed', 'killed', 'killed', 'killed', 'returned']);
    // What was sent to S3 took effect; the third result was taken although its sender never knew.
    expect(effects().slice(0, 3)).toEqual([2, 2, 1]);
    expect(s3.moments.pending + lambda.moments.pending).toBe(0);
    expect(ran.printed).toBe('the end\n');
  });

  it('may have been killed at any moment', async () => {
    const { s3, lambda, runner, effects } = await scenario({ stillborn: (n) => n === 1 });
    const kill = () => runner.kill();
    for (const nth of [1, 3, 6]) lambda.moments.at('before', /./, nth, kill);
    for (const nth of [2, 5]) lambda.moments.at('after', /./, nth, kill);
    for (const nth of [1, 3]) s3.moments.at('after', /./, nth, kill);
    const ran = await runner.run({ steps: 3, waitSeconds: 0 });
    succeeded(ran);
    expect(ran.invocations).toHaveLength(1 + 7 + 1);
    expect(Math.min(...effects())).toBeGreaterThanOrEqual(1);
  });

  it('counts against the limit of operations when it is begun again', async () => {
    const { runner } = await scenario({ stillborn: () => true }, { operations: 3 });
    const ran = await runner.run({ steps: 1 });
    expect(ran.outcome).toEqual({ status: 'FAILED', error: 'More than 3 operations in one execution' });
    expect(ran.invocations).toHaveLength(3);
  });
});

describe('the limits of the service', () => {
  it('fail an execution with too many operations', async () => {
    const { runner } = await scenario({}, { operations: 4 });
    const ran = await runner.run({ steps: 3, waitSeconds: 0 });
    expect(ran.outcome.status).toBe('SUCCEEDED');
    const more = await runner.run({ steps: 4, waitSeconds: 0 });
    expect(JSON.stringify(more.outcome)).toContain('More than 4 operations');
  });

  it('fail an execution with a step result over 256 KB', async () => {
    const { runner } = await scenario();
    const large = await runner.run({ steps: 1, size: 256 * 1024 });
    expect(JSON.stringify(large.outcome)).toMatch(/FAILED.+bytes is too large/);
  });

  it('hand over a long history in pages', async () => {
    const { lambda, runner, effects } = await scenario({ warm: true }, { page: 3 });
    const ran = await runner.run({ steps: 4, waitSeconds: 1 });
    succeeded(ran);
    expect(effects()).toEqual([1, 1, 1, 1]);
    // From the second invocation on there are more than three: 5, 7 and 9 operations.
    expect(lambda.requests.filter((each) => each === 'GetDurableExecutionState')).toHaveLength(1 + 2 + 2);
  });

  it('end an execution after its time', async () => {
    const { runner } = await scenario({ warm: true, executionTimeoutMs: 3_600_000 });
    const ran = await runner.run({ steps: 3, waitSeconds: 1_800 });
    expect(ran.outcome.status).toBe('TIMED_OUT');
  });
});
