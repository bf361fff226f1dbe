import { Duration, type Stack } from 'aws-cdk-lib';
import { type IMetric, MathExpression, Metric, Stats } from 'aws-cdk-lib/aws-cloudwatch';
import type { Queue } from 'aws-cdk-lib/aws-sqs';
import { METRICS } from '../lambda/names.ts';
import type { StartFunction } from './start-function.ts';
import type { SyncFunction } from './sync-function.ts';

/** A metric that `Sync` sends at the end of a run. */
export type RunMetric = Exclude<keyof typeof METRICS, 'namespace' | 'dimension'>;

/** One of `Sync`'s own metrics, of this stack's runs alone. `statistic`: over all runs of a period; their sum unless given. */
export function runMetric(
  stack: Stack,
  name: RunMetric,
  period: Duration,
  statistic: string = Stats.SUM,
): Metric {
  return new Metric({
    namespace: METRICS.namespace,
    metricName: METRICS[name],
    dimensionsMap: { [METRICS.dimension]: stack.stackName },
    period,
    statistic,
  });
}

export interface FailuresProps {
  readonly stack: Stack;
  readonly sync: SyncFunction;
  readonly start: StartFunction;
  readonly period: Duration;
}

/**
 * Runs that failed, whoever noticed it. `Sync`'s own `Errors` are not among them: they count every kill that the next
 * invocation recovers from.
 * Names: docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html
 */
export function failures({ stack, sync, start, period }: FailuresProps): IMetric {
  const execution = (metricName: string) =>
    new Metric({
      namespace: 'AWS/Lambda',
      metricName,
      dimensionsMap: { FunctionName: sync.handler.functionName },
      period,
      statistic: Stats.SUM,
    });
  return sumOf('Failures', period, {
    failed: execution('DurableExecutionFailed'),
    timedOut: execution('DurableExecutionTimedOut'),
    reported: runMetric(stack, 'runsFailed', period),
    start: start.handler.metricErrors({ period, statistic: Stats.SUM }),
    // As they arrive: one that nobody takes away must not hide the next failure.
    undelivered: sync.deadLetters.metricNumberOfMessagesSent({ period, statistic: Stats.SUM }),
  });
}

/**
 * Invocations of `Sync` that threw, were killed or could not begin. Of a run that is killed by chance the next invocation
 * recovers, so one is no failure; and where the code does not even load, nothing else tells of it for the execution's whole day.
 */
export function crashes({ handler }: SyncFunction, period: Duration): IMetric {
  return sumOf('Crashes', period, { errors: handler.metricErrors({ period, statistic: Stats.SUM }) });
}

/**
 * Runs that ended so, where a time without any counts as none. CloudWatch itself would skip times without data and judge by
 * older ones as long as it finds enough of these: nights that are not in a row, and refusals that are long over.
 */
export function runsEnded(stack: Stack, name: RunMetric, period: Duration): IMetric {
  return sumOf('Runs', period, { runs: runMetric(stack, name, period) });
}

/** Messages that wait in these queues for somebody to look at them. */
export function lettersIn(queues: readonly Queue[], period: Duration): IMetric {
  const metrics = queues.map((queue, index) => [`queue${index}`, visible(queue, period)] as const);
  return sumOf('Dead letters', period, Object.fromEntries(metrics));
}

/** Events that a rule let through. On a bus of its own CloudWatch tells a rule by bus and name, on some also by its name alone. */
export function matchedBy(eventBusName: string, ruleName: string, period: Duration): IMetric {
  const metric = (dimensionsMap: Record<string, string>): Metric =>
    new Metric({
      namespace: 'AWS/Events',
      metricName: 'MatchedEvents',
      dimensionsMap,
      period,
      statistic: Stats.SUM,
    });
  return sumOf('Events', period, {
    onBus: metric({ EventBusName: eventBusName, RuleName: ruleName }),
    byName: metric({ RuleName: ruleName }),
  });
}

function visible(queue: Queue, period: Duration): Metric {
  return queue.metricApproximateNumberOfMessagesVisible({ period, statistic: Stats.MAXIMUM });
}

/** What has no data counts as none: otherwise one silent metric would silence the sum. */
function sumOf(label: string, period: Duration, metrics: Record<string, IMetric>): IMetric {
  const expression = Object.keys(metrics)
    .map((id) => `FILL(${id}, 0)`)
    .join(' + ');
  return new MathExpression({ expression, label, period, usingMetrics: metrics });
}
