import { execFile } from 'node:child_process';
import { mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { inject } from 'vitest';
import * as z from 'zod';

/** A function as the stack makes it. */
export interface MadeFunction {
  /** The file that Lambda is given. */
  readonly bundle: string;
  /** The names of its environment's variables. */
  readonly variables: readonly string[];
}

export interface Artefact {
  readonly sync: MadeFunction;
  readonly start: MadeFunction;
}

/** What the tests' deployments are configured with; the addresses of both services are given to each by its environment. */
const CONFIG = {
  okta: { orgUrl: 'https://acme.okta.com', groups: { all: true }, requestsPerMinute: 6_000 },
  secoda: { region: 'us' },
  events: { okta: { eventSource: 'aws.partner/okta.com/acme/sync' }, hr: true },
};
const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const run = promisify(execFile);

const cdkShape = z.object({ context: z.record(z.string(), z.unknown()) });
const templateShape = z.object({
  Resources: z.record(z.string(), z.object({ Type: z.string() }).loose()),
});
const functionShape = z.object({
  Type: z.literal('AWS::Lambda::Function'),
  Metadata: z.object({ 'aws:asset:path': z.string() }),
  Properties: z.object({
    DurableConfig: z.unknown().optional(),
    Environment: z.object({ Variables: z.record(z.string(), z.unknown()) }),
  }),
});

/** Both functions as the app makes them: synthesised once, by the first test file that asks, for all of them. */
export async function synthesis(): Promise<Artefact> {
  const folder = inject('artefactFolder');
  const done = join(folder, 'assembly');
  while (!(await isThere(done))) {
    if (await isFirst(join(folder, 'begun'))) await synthesise(done, folder);
    else await sleep(100);
  }
  const template = templateShape.parse(await json(join(done, 'acme.template.json')));
  const functions = Object.values(template.Resources).flatMap((resource) => {
    const made = functionShape.safeParse(resource).data;
    return made === undefined ? [] : [made];
  });
  const made = (durable: boolean): MadeFunction => {
    const [found, ...others] = functions.filter(
      ({ Properties }) => (Properties.DurableConfig !== undefined) === durable,
    );
    if (found === undefined || others.length > 0)
      throw new Error('Expected a durable function and a plain one');
    return {
      bundle: join(done, found.Metadata['aws:asset:path'], 'index.mjs'),
      variables: Object.keys(found.Properties.Environment.Variables),
    };
  };
  return { sync: made(true), start: made(false) };
}

/** As the CDK's command line does it, without the time that takes to start. Where it fails, the next to ask tries it again. */
async function synthesise(done: string, folder: string): Promise<void> {
  const config = join(folder, 'sync.config.json');
  await writeFile(config, JSON.stringify(CONFIG));
  const { context } = cdkShape.parse(await json(join(ROOT, 'cdk.json')));
  const whole = { ...context, config, stackName: 'acme', 'aws:cdk:enable-asset-metadata': true };
  const outdir = join(folder, 'unfinished');
  try {
    await run(process.execPath, ['infra/app.ts'], {
      cwd: ROOT,
      env: {
        ...process.env,
        CDK_OUTDIR: outdir,
        CDK_CONTEXT_JSON: JSON.stringify(whole),
        // Whether the template keeps to CloudFormation's rules is seen in `test/infra/synth.test.ts`: it takes as long as the rest.
        CDK_VALIDATION: 'false',
      },
    });
    await rename(outdir, done);
  } catch (error) {
    await rm(join(folder, 'begun'), { recursive: true });
    throw error;
  }
}

async function json(file: string): Promise<unknown> {
  return JSON.parse(await readFile(file, 'utf8'));
}

/** Of all who make this folder one is told so. */
async function isFirst(folder: string): Promise<boolean> {
  return mkdir(folder).then(
    () => true,
    () => false,
  );
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}
