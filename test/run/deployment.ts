import { begunBy, openEvent } from '../../lambda/aws/events/origin.ts';
import { readRequest } from '../../lambda/aws/events/invocation.ts';
import { readBatch, takeBatch } from '../../lambda/aws/front-door/fold.ts';
import { taskOf } from '../../lambda/aws/open-sync.ts';
import { runIdAt } from '../../lambda/archive/run-index.ts';
import { compose, openEdges, serviceOptions } from '../../lambda/compose.ts';
import type { Holder } from '../../lambda/archive/lease/lease-file.ts';
import type { Adder, Archive, Inviter, WorkspaceWriter } from '../../lambda/ports.ts';
import { runOnboard } from '../../lambda/run/onboarding/onboard.ts';
import { runSync } from '../../lambda/run/run.ts';
import { parseSettings } from '../../lambda/settings.ts';
import type { OktaGroup, OktaUser } from '../emulators/index.ts';
import type { Scenario } from './scenario.ts';

/** When a process dies: with its n-th write to Secoda, or to Secoda or the archive, before that took effect or right after. */
export interface Death {
  readonly to: 'secoda' | 'either';
  readonly nth: number;
  readonly after: boolean;
}

/** What Okta's log says of somebody, and of a group of theirs. */
export interface LogEvent {
  readonly type: string;
  readonly user: OktaUser;
  readonly group?: OktaGroup;
}

const ARN = 'arn:aws:lambda:eu-west-1:123456789012:function';
const SCHEDULED = { awsRequestId: '5c1f9b0e-0000-4697-b07a-ac58fc914c95', invokedFunctionArn: `${ARN}:sync` };
export const INVOKED = {
  awsRequestId: '8f507cfc-0000-4697-b07a-ac58fc914c95',
  invokedFunctionArn: `${ARN}:start:approve`,
};

/**
 * A deployment within this process and without AWS itself, over any archive: `Sync` as its schedule starts it, and as the front door
 * does. Its runs can be killed. `holder`: nobody that others could
 * look for, as in the cloud.
 */
export function deployment(
  stand: Scenario,
  archive: Archive,
  config: object = {},
  holder: (runId: string) => Holder = (runId) => ({ runId, pid: null, host: null }),
) {
  const settings = parseSettings({
    okta: { orgUrl: stand.okta.url, groups: { all: true } },
    secoda: { url: stand.secoda.url },
    ...config,
  });
  const parts = { settings, clock: stand.clock, random: Math.random, listen: () => undefined };
  const { apiToken } = stand.okta.credentials;
  const { apiKey } = stand.secoda.credentials;
  const edges = openEdges(serviceOptions(parts, { okta: { apiToken }, secoda: { apiKey } }));

  /** A run of what `Sync` is sent, up to its end or its death. */
  async function run(sent: unknown, death: Death | null, runId = newId()): Promise<string> {
    const { event, origin } = openEvent(sent, SCHEDULED);
    const request = readRequest(event, origin.functionArn ?? '');
    const { mortal, dead } = mortality(death);
    const { context, writing, onboarding } = compose(
      {
        ...parts,
        archive: {
          ...archive,
          write: mortal('archive', (...all: Parameters<Archive['write']>) => archive.write(...all)),
          swap: mortal('archive', (...all: Parameters<Archive['swap']>) => archive.swap(...all)),
        },
        origin,
        holder,
      },
      {
        ...edges,
        writer: {
          create: mortal('secoda', (...all: Parameters<WorkspaceWriter['create']>) =>
            edges.writer.create(...all),
          ),
          update: mortal('secoda', (...all: Parameters<WorkspaceWriter['update']>) =>
            edges.writer.update(...all),
          ),
          remove: mortal('secoda', (...all: Parameters<WorkspaceWriter['remove']>) =>
            edges.writer.remove(...all),
          ),
        },
        adder: { add: mortal('secoda', (...all: Parameters<Adder['add']>) => edges.adder.add(...all)) },
        inviter: {
          invite: mortal('secoda', (...all: Parameters<Inviter['invite']>) => edges.inviter.invite(...all)),
        },
      },
    );
    const ending = { ...context, usage: 'report', finished: () => Promise.resolve() } as const;
    if (request.kind === 'explain') throw new Error('an explanation changes nothing');
    const ended =
      request.kind === 'onboard'
        ? runOnboard({ runId, emails: request.emails, mode: 'onboard', ...onboarding(runId) }, ending)
        : runSync(taskOf(request, runId, settings, writing), ending);
    await Promise.race([ended, dead]);
    return runId;
  }
  const newId = () => runIdAt(stand.clock.now(), Math.random);

  return {
    /** The run of a night. Returns its id, like those below. */
    night: (death: Death | null = null) => run({}, death),
    /** What somebody sends to `Start`. */
    start: (event: object, death: Death | null = null) => {
      const by = 'approve' in event ? INVOKED : { ...INVOKED, invokedFunctionArn: `${ARN}:start` };
      return run({ ...event, ...begunBy(event, by) }, death);
    },
    /** Events, as the queue delivers them together. */
    deliver: async (events: readonly LogEvent[], death: Death | null = null): Promise<string> => {
      const begun: string[] = [];
      const launch = async (name: string, event: unknown) => {
        begun.push(await run(event, death, name));
        return { executionArn: null, started: true };
      };
      const now = stand.clock.now();
      const batch = readBatch({ Records: events.map((event, n) => messageOf(event, now, n)) });
      const { batchItemFailures } = await takeBatch(batch ?? [], { launch }, () => undefined);
      const [runId] = begun;
      if (runId === undefined || batchItemFailures.length > 0)
        throw new Error('these events could not be followed');
      return runId;
    },
  };
}

function messageOf({ type, user, group }: LogEvent, now: number, n: number) {
  const target = [
    { id: user.id, type: 'User', alternateId: user.profile['login'] },
    ...(group === undefined ? [] : [{ id: group.id, type: 'UserGroup' }]),
  ];
  const detail = { eventType: type, outcome: { result: 'SUCCESS' }, target };
  return {
    eventSource: 'aws:sqs',
    messageId: `${now}-${n}`,
    attributes: { SentTimestamp: String(now) },
    body: JSON.stringify({ source: 'aws.partner/okta.com/acme', detail }),
  };
}

/** Lets calls through up to the one that the process dies with: neither that one nor any behind it ever ends. */
function mortality(death: Death | null) {
  let calls = 0;
  let over = false;
  let die: () => void = () => undefined;
  const dead = new Promise<void>((done) => (die = done));
  const gone = new Promise<never>(() => undefined);
  const mortal =
    <A extends readonly unknown[], T>(to: 'secoda' | 'archive', work: (...args: A) => Promise<T>) =>
    async (...args: A): Promise<T> => {
      if (over) return gone;
      const counts = death !== null && (death.to === 'either' || death.to === to);
      if (counts) calls += 1;
      // What a write needs of the archive is a part of it, and gets through.
      if (!counts || calls !== death.nth) return work(...args);
      if (death.after) await work(...args);
      over = true;
      die();
      return gone;
    };
  return { mortal, dead };
}
