import type { SyncRules } from '../core/rules.ts';
import { safeJson } from '../core/unsafe.ts';
import { diagnoseOkta } from '../edges/okta/diagnose.ts';
import type { OktaOptions } from '../edges/okta/directory.ts';
import { diagnoseSecoda } from '../edges/secoda/diagnose.ts';
import { probeSecoda } from '../edges/secoda/probe.ts';
import type { SecodaOptions } from '../edges/secoda/connection.ts';
import { UsageError } from '../errors.ts';
import type { Archive, Turns } from '../ports.ts';
import type { Sources } from '../run/read.ts';
import { shown } from '../terminal/escape.ts';
import type { Output } from '../terminal/output.ts';
import type { Style } from '../terminal/style.ts';
import { fine, type Finding, untold } from './finding.ts';
import { rulesFindings } from './rules.ts';

export interface Examination {
  readonly okta: OktaOptions;
  readonly secoda: SecodaOptions;
  readonly archive: Archive;
  readonly world: { readonly rules: SyncRules; readonly sources: Sources };
  readonly runId: string;
  /** Given for a probe only: without a turn nothing can be written. */
  readonly turns: Turns | null;
  readonly json: boolean;
  readonly output: Output;
  readonly style: Style;
}

/** Checks everything a run needs, one line each, with the cure. Exit code 0 when nothing failed, 1 otherwise. */
export async function examine(input: Examination): Promise<number> {
  const archive = await archiveFinding(input.archive);
  const findings: Finding[] = [
    fine('Configuration', 'complete, and credentials for both sides are there'),
    archive,
    ...(await diagnoseOkta(input.okta)),
    ...(await diagnoseSecoda(input.secoda)),
  ];
  findings.push(...(await rulesFindings(input.world, findings)));
  // The turn lies in the archive, and nothing is written without it.
  if (input.turns !== null && archive.ok === false) findings.push(untold('Secoda: writes'));
  else if (input.turns !== null) {
    const turn = await input.turns.take();
    try {
      const invite = input.world.rules.invite?.role ?? null;
      findings.push(...(await probeSecoda({ ...input.secoda, gate: turn, id: input.runId, invite })));
    } finally {
      await turn.release();
    }
  }
  const text = input.json ? `${safeJson(findings)}\n` : findingsText(findings, input.style);
  input.output.write(text);
  return findings.some(({ ok }) => ok === false) ? 1 : 0;
}

async function archiveFinding(archive: Archive): Promise<Finding> {
  const check = 'Archive';
  try {
    await archive.write('doctor.txt', 'Written by doctor to see whether this archive can be written.\n');
    return fine(check, `${archive.address} can be written`);
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    // Its words end with the cure.
    const detail = error instanceof UsageError ? error.problems.join('; ') : error.message;
    return { check, ok: false, detail, cure: null };
  }
}

function findingsText(findings: readonly Finding[], style: Style): string {
  const width = Math.max(...findings.map(({ check }) => check.length));
  const lines = findings.map(({ check, ok, detail, cure }) => {
    const sign = ok === true ? style.good('✓') : ok === false ? style.bad('✗') : style.dim('–');
    const help = cure === null || ok === true ? '' : `\n  ${' '.repeat(width)}  → ${shown(cure, 400)}`;
    return `${sign} ${check.padEnd(width)}  ${shown(detail, 400)}${help}`;
  });
  return `${lines.join('\n')}\n`;
}
