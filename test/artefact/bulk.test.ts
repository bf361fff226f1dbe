import { describe, expect, it } from 'vitest';
import { after } from '../emulators/index.ts';
import { hired } from '../aws/events/okta-event.ts';
import { markerOf } from '../run/small-world.ts';
import { sqs } from '../aws/front-door/setting.ts';
import { aRegion, deploy } from './deployed.ts';
import { newGroups } from './worlds.ts';

const SLICE = 30;

const runIdOf = (executionArn: string): string => executionArn.split('/').at(-2) ?? '';

describe('an onboarding in the middle of a run of 400 writes', () => {
  it('is done within two slices of it', async () => {
    const region = await aRegion();
    const { okta, secoda, lambda } = region;
    newGroups(region, 400);
    const colleague = okta.state.addUser({ email: 'colleague@acme.example' });
    const users = [secoda.state.addUser({ email: 'colleague@acme.example' })];
    const team = okta.state.addGroup({ name: 'Team', members: [colleague] });
    secoda.state.addGroup({ name: 'Team', description: markerOf(team), users });
    const { sync, start, read } = await deploy(region);

    const started = Promise.withResolvers<unknown>();
    const hire = after(() => {
      okta.state.join(okta.state.addUser({ email: 'hire@acme.example' }), team);
      secoda.state.addUser({ email: 'hire@acme.example' });
      started.resolve(start(sqs([hired('hire@acme.example')])));
    });
    secoda.faults.add({ on: 'secoda.group.create', nth: 40, effect: hire });
    const added = Promise.withResolvers<undefined>();
    secoda.faults.add({ on: 'secoda.group.update', effect: after(() => added.resolve(undefined)) });
    // Ended by the end of the test, which has seen enough of it.
    sync.run({}).catch(() => undefined);
    await added.promise;
    await started.promise;
    const [, onboarding] = lambda.executions;
    if (onboarding === undefined) throw new Error('the onboarding was not begun');
    const { outcome, execution } = await sync.ended(onboarding);
    expect(outcome).toMatchObject({ status: 'SUCCEEDED', result: { status: 'applied' } });
    // Its requests of all processes, not only of the last one.
    const report = read(`${runIdOf(execution.arn)}/report.json`);
    expect(report).toMatchObject({ mode: 'onboard', requests: { secoda: { writes: 1, throttled: 0 } } });
    expect(secoda.state.memberEmails('Team')).toEqual(['colleague@acme.example', 'hire@acme.example']);
    const patch = secoda.state.writes.findIndex(({ method }) => method === 'PATCH');
    const before = secoda.state.writes.slice(0, patch).filter(({ at }) => at > execution.startedAt);
    expect(before.length).toBeLessThanOrEqual(2 * SLICE);
    // The bulk run is in the middle of its work still.
    expect(secoda.state.writes.length).toBeLessThan(300);
  });
});
