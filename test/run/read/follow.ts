import type { Report } from '../../../lambda/core/report/report.ts';
import { compose, type Edges, openEdges, serviceOptions } from '../../../lambda/compose.ts';
import { folderArchive } from '../../../lambda/services/store/folder.ts';
import { readMessage } from '../../../lambda/aws/events/origin.ts';
import type { Archive } from '../../../lambda/ports.ts';
import { runIdAt } from '../../../lambda/archive/run-index.ts';
import { parseSettings } from '../../../lambda/settings.ts';
import { fold } from '../../../lambda/aws/front-door/fold.ts';
import { runSync } from '../../../lambda/run/run.ts';
import type { Scenario } from '../scenario.ts';
import { ORIGIN } from '../../core/requested.ts';

/** Replaces parts of a run, so that they can meddle with it. */
export type Meddle = (
  archive: Archive,
  edges: Edges,
) => {
  readonly archive?: Archive;
  readonly edges?: Edges;
};

/** The parts of a stage that events happen on. */
type Stand = Pick<Scenario, 'okta' | 'secoda' | 'clock' | 'runs' | 'jump'>;

/** The run that these events of Okta's lead to, over the records of the stage's other runs. `config`: beside the two addresses. */
export function follow(stand: Stand, config: object, ...events: readonly object[]): Promise<Report> {
  return followWith(() => ({}), stand, config, ...events);
}

export async function followWith(
  meddle: Meddle,
  { okta, secoda, clock, runs, jump }: Stand,
  config: object,
  ...events: readonly object[]
): Promise<Report> {
  jump(1_000);
  const settings = parseSettings({
    okta: { orgUrl: okta.url, groups: { all: true } },
    secoda: { url: secoda.url },
    ...config,
  });
  const parts = { settings, clock, random: Math.random, listen: () => undefined, origin: ORIGIN };
  const { apiToken } = okta.credentials;
  const { apiKey } = secoda.credentials;
  const bare = openEdges(serviceOptions(parts, { okta: { apiToken }, secoda: { apiKey } }));
  const folder = folderArchive(runs);
  const { archive = folder, edges = bare } = meddle(folder, bare);
  const { context, writing } = compose({ ...parts, archive }, edges);
  const messages = events.map((event, n) => {
    const body = JSON.stringify(event);
    return {
      delivery: { messageId: `m-${n}`, body, sentAt: Math.round(clock.now()) },
      message: readMessage(body),
    };
  });
  const [folded] = fold(messages);
  if (folded?.request.kind !== 'follow') throw new Error('these events lead to no run that follows them');
  const runId = runIdAt(clock.now(), Math.random);
  const about = { groups: [], hints: folded.request.hints, full: false };
  const ended: Report[] = [];
  const finished = (report: Report) => Promise.resolve(void ended.push(report));
  const task = { runId, mode: 'apply', approve: null, ...about, ...writing(runId) } as const;
  await runSync(task, { ...context, usage: 'report', finished });
  const [report] = ended;
  if (report === undefined) throw new Error('the run ended without a report');
  return report;
}
