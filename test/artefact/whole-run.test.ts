import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { pathToFileURL } from 'node:url';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import * as z from 'zod';
import { markerOf } from '../run/small-world.ts';
import { aRegion, environmentOf, OKTA_SECRET } from './deployed.ts';
import { synthesis } from './synthesis.ts';
import { effective, namesIn, newGroups } from './worlds.ts';

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment({ skipTime: true }));
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

type Handler = ConstructorParameters<typeof LocalDurableTestRunner>[0]['handlerFunction'];
const moduleShape = z.object({ handler: z.custom<Handler>((value) => typeof value === 'function') });

describe('the bundled Sync in the testing library of durable functions', () => {
  // The library skips waits between steps, and not those within: deletions do not wait for the write budget.
  it('makes a whole run with a wait from an empty event, as a service app that proves its key', async () => {
    const region = await aRegion(100_000, 0, 'required');
    const { okta, secoda, secrets } = region;
    const { clientId, privateKeyJwk: privateKey } = okta.credentials;
    secrets.secrets.set(OKTA_SECRET, JSON.stringify({ clientId, privateKey }));
    region.credentials.push(privateKey);
    const names = newGroups(region, 30);
    for (const id of ['00gGone1', '00gGone2', '00gGone3']) {
      secoda.state.addGroup({ name: `Old ${id}`, description: markerOf({ id }) });
    }
    const { sync } = await synthesis();
    const quiet = { POWERTOOLS_LOG_LEVEL: 'SILENT', POWERTOOLS_METRICS_DISABLED: 'true' };
    for (const [name, value] of Object.entries({ ...environmentOf(sync, region), ...quiet }))
      vi.stubEnv(name, value);
    onTestFinished(() => void vi.unstubAllEnvs());
    const { handler } = moduleShape.parse(await import(pathToFileURL(sync.bundle).href));
    const execution = await new LocalDurableTestRunner({ handlerFunction: handler }).run({
      payload: {},
    });
    expect(execution.getResult()).toMatchObject({ status: 'applied' });
    expect(namesIn(region)).toEqual(names);
    expect([effective(region, 'POST'), effective(region, 'DELETE')]).toEqual([30, 3]);
    const operations = execution.getOperations().map((each) => each.getName());
    expect(operations).toEqual([
      ...['name', 'begin', 'list', 'members-1', 'plan'],
      ...['slice-1', 'rest-after-slice-1', 'slice-2', 'look-again', 'report'],
    ]);
  });
});
