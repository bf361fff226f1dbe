import { SNSClient } from '@aws-sdk/client-sns';
import * as z from 'zod';
import { jsonOf } from '../core/model/json.ts';
import type { Report } from '../core/report/report.ts';
import { messageOf } from '../errors.ts';
import { type Environment, RUN_ENDED, variable } from '../names.ts';

/** What whoever listens is told of a run that ended: numbers and where the report is, and nobody's name. */
export type RunEnded = ReturnType<typeof runEnded>;

/** The event of a run. `address`: where its report is found. */
export function runEnded(report: Report, { stack, address }: { stack: string; address: string }) {
  const { runId, mode, status, digest, summary, ledger } = report;
  return { stack, runId, mode, status, digest, summary, ledger, report: address };
}

const ATTEMPTS = 3;
/** In milliseconds, for each of them. */
const TIMEOUT_MS = 10_000;

const signed = z.object({ headers: z.record(z.string(), z.string()) });
const answerShape = z.object({
  FailedEntryCount: z.number(),
  Entries: z.array(z.object({ ErrorCode: z.string().optional(), ErrorMessage: z.string().optional() })),
});

/**
 * Puts the event on the account's default bus
 * (docs.aws.amazon.com/eventbridge/latest/APIReference/API_PutEvents.html). The promise rejects with an `Error` in words when
 * EventBridge did not take it. It is one operation of one service: signed with what another client of the SDK signs with, it
 * needs no client of its own.
 */
export function defaultBus(environment: Environment): (event: RunEnded) => Promise<void> {
  let opened: SNSClient | null = null;
  return async (event) => {
    opened ??= new SNSClient({});
    const region = await opened.config.region();
    const suffix = region.startsWith('cn-') ? 'amazonaws.com.cn' : 'amazonaws.com';
    const given = variable(environment, 'AWS_ENDPOINT_URL_EVENTBRIDGE');
    const url = new URL(given ?? `https://events.${region}.${suffix}`);
    const scheme = { name: 'sigv4', signingName: 'events', signingRegion: region, properties: {} };
    const signer = await opened.config.signer(scheme);
    const unsigned = {
      ...{ method: 'POST', protocol: url.protocol, hostname: url.hostname, path: '/', query: {} },
      headers: {
        host: url.host,
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'AWSEvents.PutEvents',
      },
      body: JSON.stringify({ Entries: [{ ...RUN_ENDED, Detail: JSON.stringify(event) }] }),
    };
    let problem = '';
    for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
      const { headers } = signed.parse(await signer.sign(unsigned));
      const { method, body } = unsigned;
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const answer = await fetch(url, { method, headers, body, redirect: 'error', signal });
        problem = problemIn(answer.status, await answer.text());
        if (problem === '') return;
      } catch (error) {
        problem = messageOf(error);
      }
    }
    throw new Error(`The event could not be put on the default bus: ${problem}`);
  };
}

/** What EventBridge has against it; empty when it took the event. It refuses an entry with 200 as well. */
function problemIn(status: number, text: string): string {
  const fix = text.includes('AccessDenied') ? '. Needed is events:PutEvents on it' : '';
  if (status !== 200) return `EventBridge answered ${status}${fix}`;
  const answer = answerShape.safeParse(jsonOf(text));
  if (!answer.success) return 'EventBridge answered in another form than it says';
  const [entry] = answer.data.Entries;
  if (answer.data.FailedEntryCount === 0) return '';
  return `EventBridge did not take it: ${entry?.ErrorCode ?? 'no reason given'} ${entry?.ErrorMessage ?? ''}`.trim();
}
