import { join } from 'node:path';
import { taskOf } from '../../lambda/aws/open-sync.ts';
import { compose, openEdges, serviceOptions } from '../../lambda/compose.ts';
import { openArchive } from '../../lambda/services/store/open.ts';
import { systemClock } from '../../lambda/services/clock.ts';
import { readRequest } from '../../lambda/aws/events/invocation.ts';
import type { Launcher } from '../../lambda/ports.ts';
import { parseSettings } from '../../lambda/settings.ts';
import { readBatch, takeBatch } from '../../lambda/aws/front-door/fold.ts';
import { runSync } from '../../lambda/run/run.ts';
import {
  companyConfig,
  type OktaEmulator,
  type OktaGroup,
  type OktaUser,
  type SecodaEmulator,
} from '../emulators/index.ts';
import { openEvent } from '../../lambda/aws/events/origin.ts';

/** The login of somebody in the demo, which is their address. */
export const addressOf = ({ profile: { login } }: OktaUser): string =>
  typeof login === 'string' ? login : '';

/** What Okta's Log Streaming puts on the partner bus, as the queue then delivers it. */
function delivered(eventType: string, user: OktaUser, group: OktaGroup | null): unknown {
  const login = addressOf(user);
  const person = { id: user.id, type: 'User', alternateId: login, displayName: login };
  const target =
    group === null ? [person] : [person, { id: group.id, type: 'UserGroup', displayName: group.name }];
  const published = new Date().toISOString();
  const event = {
    version: '0',
    id: `${eventType}-${user.id}`,
    source: 'aws.partner/okta.com/acme/sync',
    'detail-type': 'SystemLog',
    detail: { uuid: `${eventType}-${user.id}`, eventType, published, outcome: { result: 'SUCCESS' }, target },
  };
  const attributes = { SentTimestamp: String(Date.now()) };
  return {
    Records: [{ eventSource: 'aws:sqs', messageId: event.id, body: JSON.stringify(event), attributes }],
  };
}

/**
 * Takes one event the way a deployment does, apart from AWS itself: the front door reads the queue's message and begins a
 * run over what it names. Resolves with the seconds it took.
 */
export async function follow(
  eventType: string,
  user: OktaUser,
  group: OktaGroup | null,
  { okta, secoda, folder }: { okta: OktaEmulator; secoda: SecodaEmulator; folder: string },
): Promise<number> {
  const startedAt = performance.now();
  const surroundings = {
    settings: parseSettings(companyConfig(okta.url, secoda.url)),
    archive: openArchive(join(folder, 'runs')),
    clock: systemClock,
    random: Math.random,
    listen: () => undefined,
  };
  const credentials = {
    okta: { apiToken: okta.credentials.apiToken },
    secoda: { apiKey: secoda.credentials.apiKey },
  };
  const launcher: Launcher = {
    async launch(runId, sent) {
      const { event, origin } = openEvent(sent, {});
      const edges = openEdges(serviceOptions(surroundings, credentials));
      const { context, writing } = compose({ ...surroundings, origin }, edges);
      const request = readRequest(event, '');
      if (request.kind === 'onboard' || request.kind === 'explain')
        throw new Error('this event asks for a sync');
      const task = taskOf(request, runId, surroundings.settings, writing);
      const end = await runSync(task, { ...context, usage: 'throw', finished: () => Promise.resolve() });
      if (end.failure !== null) throw end.failure;
      return { executionArn: null, started: true };
    },
  };
  const batch = readBatch(delivered(eventType, user, group)) ?? [];
  const { batchItemFailures } = await takeBatch(batch, launcher, () => undefined);
  if (batchItemFailures.length > 0) throw new Error(`the event ${eventType} could not be followed`);
  return (performance.now() - startedAt) / 1000;
}
