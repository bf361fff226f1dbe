import { fingerprint } from '../core/model/text.ts';
import type { DurableContext } from '@aws/durable-execution-sdk-js';
import { explainRun } from '../commands/explain.ts';
import { compose, type Composition, openEdges, pageSizesOf, serviceOptions } from '../compose.ts';
import type { Report } from '../core/report/report.ts';
import { s3Archive } from '../services/store/s3.ts';
import { announce, snsTopic, toldIn } from './announce.ts';
import { defaultBus } from './event-bus.ts';
import { createSecrets, secretsManager } from './secrets.ts';
import { invokedArn, openEvent } from './events/origin.ts';
import { readRequest } from './events/invocation.ts';
import type { Archive, Clock } from '../ports.ts';
import { isRunId, runIdAt } from '../archive/run-index.ts';
import type { Settings } from '../settings.ts';
import { ENVIRONMENT, type Environment, required } from '../names.ts';
import { isObject } from '../settings/values.ts';
import { withAddressesOf } from '../settings/load.ts';
import { type OnboardTask, repeating, type RunEnd, type Task } from '../run/context.ts';
import { readRefused } from '../archive/record.ts';
import type { Refused } from '../core/plan/change.ts';
import { runSync } from '../run/run.ts';
import { requestsHere } from '../run/workflow.ts';
import { archiveCheckpoints, countBegins, countInvocation } from './checkpoint-store.ts';
import { createLog, logEvents, logSteps, redact } from './log.ts';
import { durableWorkflow } from './durable-workflow.ts';
import type { RunRequest } from '../core/model/request.ts';
import { runOnboard } from '../run/onboarding/onboard.ts';

/** An invocation has 15 minutes: for longer, a throttled service is waited for between two steps. */
const HOLD_MS = 180_000;

/** What a deployed function brings along. */
interface Deployment {
  readonly settings: Settings;
  readonly environment: Environment;
  readonly clock: Clock;
  /** From 0 (inclusive) to 1 (exclusive). */
  readonly random: () => number;
}

/** Puts `Sync` together from its surroundings: one for a process, whichever runs come through it. */
export function openSync(deployment: Deployment) {
  const { environment, clock, random } = deployment;
  const { archiveBucket, oktaSecretArn, secodaSecretArn } = ENVIRONMENT;
  const { stackName, startFunctionName, noticeTopicArn } = ENVIRONMENT;
  const value = required(environment, [
    archiveBucket,
    oktaSecretArn,
    secodaSecretArn,
    stackName,
    startFunctionName,
    noticeTopicArn,
  ]);
  const send = snsTopic(value(noticeTopicArn));
  const put = defaultBus(environment);
  const settings = withAddressesOf(environment, deployment.settings);
  const archive = s3Archive({ bucket: value(archiveBucket), prefix: '' });
  const [oktaArn, secodaArn] = [value(oktaSecretArn), value(secodaSecretArn)];
  const secrets = createSecrets({ read: secretsManager(), oktaArn, secodaArn });
  // Each wait of a run ends an invocation, and what follows mostly comes to the same process.
  const pageSizes = pageSizesOf({ archive, settings });
  // Fetched within a step only, with the first request to a service.
  const credentials = {
    okta: async () => (await secrets.credentials()).okta,
    secoda: { apiKey: async () => (await secrets.credentials()).secoda.apiKey },
  };

  // It answers little, since the report itself is in the record.
  return async (sent: unknown, durable: DurableContext) => {
    const { event, origin } = openEvent(sent, durable.lambdaContext);
    const { durableExecutionArn } = durable.executionContext;
    const [, name = ''] = /\/durable-execution\/([^/]+)\//.exec(durableExecutionArn) ?? [];
    const works = await countInvocation(archive, fingerprint(durableExecutionArn));
    // The first of its invocations counts: a later one may be told another request id, and the version in place of the alias.
    const first = <T>(step: string, value: () => T) =>
      durableWorkflow(durable, () => Promise.resolve(1), clock).step(step, () => Promise.resolve(value()));
    const invoked = () => invokedArn(durable.lambdaContext);
    const isApproval = isObject(event) && 'approve' in event;
    const alias = isApproval ? await first('alias', invoked) : invoked();
    const request = readRequest(event, alias);
    const named = () => ({ ...origin, runId: isRunId(name) ? name : runIdAt(clock.now(), random) });
    const { runId, awsRequestId } =
      isRunId(name) && origin.trigger !== 'schedule' ? named() : await first('name', named);
    const log = createLog({ stack: value(stackName), runId });
    const listen = logEvents(log);
    const begins = countBegins(archive, runId);
    const machine = { settings, clock, random, listen };
    const options = serviceOptions({ ...machine, holdMs: HOLD_MS, pageSizes }, credentials);
    const edges = openEdges({
      okta: { ...options.okta, renew: secrets.renewOkta },
      secoda: { ...options.secoda, renew: secrets.renewSecoda },
    });
    const counted = async (step: string) => {
      await works();
      return begins(step);
    };
    const bare = durableWorkflow(durable, counted, clock, () => requestsHere(edges));
    const surroundings = {
      ...machine,
      archive,
      origin: { ...origin, awsRequestId },
      workflow: logSteps(bare, log, clock),
      checkpoints: archiveCheckpoints(archive, runId),
      // Hosts and processes of functions repeat: a lease is told apart by its run alone.
      holder: (id: string) => ({ runId: id, pid: null, host: null }),
    };
    const { context, writing, onboarding } = compose(surroundings, edges);
    const approve = request.kind === 'approve' ? request.digest : null;
    const refused =
      approve === null ? null : await context.workflow.step('scope', () => askedBy(archive, approve));
    const followsEvents = request.kind === 'follow' || (refused?.scope.hints ?? null) !== null;
    const address = `${archive.address}${runId}/report.json`;
    const finished = (report: Report): Promise<void> =>
      announce(report, {
        stack: value(stackName),
        startFunctionName: value(startFunctionName),
        plan: `${archive.address}${runId}/plan.json`,
        report: address,
        full: /^(?:apply|plan)$/.test(report.mode) && report.request.groups.length === 0 && !followsEvents,
        log,
        send,
        put,
        told: toldIn(archive, clock),
      });
    const ending = { ...context, usage: 'report', finished } as const;
    const onboard = (asked: Pick<OnboardTask, 'emails' | 'inviteAgain' | 'approve'>): Promise<RunEnd> => {
      const writes = approve !== null || !settings.dryRun;
      const how = writes ? ({ mode: 'onboard', ...onboarding(runId) } as const) : ({ mode: 'plan' } as const);
      return runOnboard({ runId, ...asked, ...how }, ending);
    };
    const begin = (): Promise<RunEnd> => {
      if (request.kind === 'explain')
        return explainRun(runId, request.question, edges.lookup, context, finished);
      if (request.kind === 'onboard') return onboard({ emails: request.emails });
      if (refused?.onboard) return onboard({ ...refused.onboard, approve });
      return runSync(repeating(taskOf(request, runId, settings, writing), refused), ending);
    };
    const end = await begin();
    // A failed execution is what the alarm looks at; whatever else ended early is in the report.
    if (end.status === 'failed') throw new Error(redact(end.failure?.message ?? 'the run failed'));
    return { runId, status: end.status, report: address };
  };
}

const EVERYTHING = { groups: [], full: false, dryRun: null } as const;

type RunOrFollow = Exclude<RunRequest, { readonly kind: 'onboard' | 'explain' }>;

/** What an event means for a run of the sync. A deployment that is configured to run dry writes only when told so. */
export function taskOf(
  request: RunOrFollow,
  runId: string,
  { dryRun }: Settings,
  writing: Composition['writing'],
): Task {
  const hints = request.kind === 'follow' ? request.hints : null;
  const { groups, full, dryRun: told } = request.kind === 'run' ? request : EVERYTHING;
  const approve = request.kind === 'approve' ? request.digest : null;
  const writes = approve !== null || !(told ?? dryRun);
  return {
    ...{ runId, groups, hints, full },
    ...(writes ? { mode: 'apply', approve, ...writing(runId) } : { mode: 'plan' }),
  };
}

/** What the run was asked for that was refused under this digest: an approval repeats it. Without its harm, which may be long. */
async function askedBy(archive: Archive, digest: string): Promise<Pick<Refused, 'scope' | 'onboard'> | null> {
  const refused = await readRefused(archive, digest);
  return refused === null ? null : { scope: refused.scope, onboard: refused.onboard };
}
