/** A run whose steps are cut off and repeated within this process, over an archive with versions. */
import { compose, type Edges, openEdges, serviceOptions } from '../../lambda/compose.ts';
import { archiveCheckpoints } from '../../lambda/aws/checkpoint-store.ts';
import { errorOf, errorRecordOf } from '../../lambda/run/error-record.ts';
import type { Report } from '../../lambda/core/report/report.ts';
import type { Workflow, VersionedArchive } from '../../lambda/ports.ts';
import { parseSettings } from '../../lambda/settings.ts';
import type { RunEnd } from '../../lambda/run/context.ts';
import { runSync } from '../../lambda/run/run.ts';
import { archiveIn } from '../services/store/s3-stand.ts';
import type { Scenario } from './scenario.ts';
import { ORIGIN } from '../core/requested.ts';

export interface Killing {
  /** Ends the step under way: whoever awaits this never goes on, and the step begins anew. */
  readonly kill: () => Promise<never>;
  /** Names of the steps as they began. */
  readonly begun: readonly string[];
  /** The length of each step's result, in characters. */
  readonly sizes: ReadonlyMap<string, number>;
}

export interface Ended extends RunEnd, Killing {
  readonly reports: readonly Report[];
  readonly archive: VersionedArchive;
}

/** Replaces parts of a run, so that they can kill it. */
export type Traps = (
  killing: Killing,
  archive: VersionedArchive,
  edges: Edges,
) => {
  readonly archive?: VersionedArchive;
  readonly edges?: Edges;
};

/** An apply in steps whose results are kept as JSON. */
export async function applyInSteps(
  stand: Scenario,
  traps: Traps = () => ({}),
  config: object = {},
): Promise<Ended> {
  const { workflow, ...killing } = killable();
  const settings = parseSettings({
    okta: { orgUrl: stand.okta.url, groups: { all: true } },
    secoda: { url: stand.secoda.url },
    ...config,
  });
  const parts = { settings, clock: stand.clock, random: Math.random };
  const bare = openEdges(
    serviceOptions(parts, {
      okta: { apiToken: stand.okta.credentials.apiToken },
      secoda: { apiKey: stand.secoda.credentials.apiKey },
    }),
  );
  const stored = (await archiveIn()).archive;
  const { archive = stored, edges = bare } = traps(killing, stored, bare);
  const runId = '20260102T030405Z-1a2b3c4d';
  const { context, writing } = compose(
    {
      ...parts,
      archive,
      listen: () => undefined,
      origin: ORIGIN,
      workflow,
      checkpoints: archiveCheckpoints(archive, runId),
      holder: (id) => ({ runId: id, pid: null, host: null }),
    },
    edges,
  );
  const reports: Report[] = [];
  const end = await runSync(
    { runId, groups: [], hints: null, full: false, mode: 'apply', approve: null, ...writing(runId) },
    { ...context, usage: 'report', finished: (report) => Promise.resolve(void reports.push(report)) },
  );
  return { ...end, ...killing, reports, archive };
}

const DEAD = Symbol('dead');

function killable(): Killing & { readonly workflow: Workflow } {
  const begun: string[] = [];
  const sizes = new Map<string, number>();
  let end: () => void = () => undefined;
  return {
    begun,
    sizes,
    kill: () => {
      end();
      return new Promise<never>(() => undefined);
    },
    workflow: {
      async step<T>(name: string, work: () => Promise<T>): Promise<T> {
        for (;;) {
          begun.push(name);
          const died = new Promise<typeof DEAD>((resolve) => (end = () => resolve(DEAD)));
          const attempt = work().then(
            (value) => JSON.stringify({ value }),
            (error: unknown) => JSON.stringify({ failure: errorRecordOf(error) }),
          );
          const text = await Promise.race([attempt, died]);
          if (text === DEAD) continue;
          sizes.set(name, text.length);
          const kept = JSON.parse(text) as { value: T } | { failure: ReturnType<typeof errorRecordOf> };
          if ('failure' in kept) throw errorOf(kept.failure);
          return kept.value;
        }
      },
      wait: () => Promise.resolve(),
      rest: () => Promise.resolve(),
    },
  };
}
