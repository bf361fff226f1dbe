import { App } from 'aws-cdk-lib';
import * as z from 'zod';
import { UsageError } from '../lambda/errors.ts';
import { addChecks } from './checks.ts';
import { readContext } from './context.ts';
import { SyncStack } from './stack.ts';
import { writeConfig } from './written-config.ts';

try {
  // Otherwise a refused configuration would still leave an empty assembly behind.
  const app = new App({ autoSynth: false });
  const { stackName, settings } = await readContext(contextOf(app));
  new SyncStack(app, stackName, { settings, config: writeConfig(app.outdir, stackName, settings) });
  addChecks(app);
  app.synth();
} catch (error) {
  if (!(error instanceof UsageError)) throw error;
  for (const problem of error.problems) console.error(problem);
  process.exitCode = 2;
}

/** All that `cdk.json` and `-c` say. */
function contextOf(app: App): Readonly<Record<string, unknown>> {
  return z.record(z.string(), z.unknown()).parse(app.node.getAllContext());
}
