import { compose, openEdges, serviceOptions, VERSION } from '../compose.ts';
import { examine } from '../commands/doctor.ts';
import { scratchName } from '../services/secoda/probe.ts';
import { runIdAt } from '../archive/run-id.ts';
import type { Command } from './arguments.ts';
import { tellInterruptedProbe, type Terminal, terminalOrigin } from './terminal.ts';
import { prepare } from './prepare.ts';
import { ratesOf, showProgress } from './progress.ts';
import { styleFor } from '../render/style.ts';

type DoctorCommand = Extract<Command, { readonly name: 'doctor' }>;

/** `doctor`: looks at everything that a run needs. Returns the exit code. */
export async function doctor(command: DoctorCommand, terminal: Terminal): Promise<number> {
  const { environment, stdout, clock, random } = terminal;
  const { settings, credentials, archive } = await prepare(command, environment);
  const progress = showProgress({
    ...terminal,
    text: stdout,
    rates: ratesOf(settings),
    first: 'checking Okta and Secoda',
  });
  const { listen } = progress;
  const options = serviceOptions({ ...terminal, settings, listen }, credentials);
  const origin = terminalOrigin(null, environment);
  const parts = compose({ ...terminal, settings, archive, listen, origin }, openEdges(options));
  const runId = runIdAt(clock.now(), random);
  if (command.probe) tellInterruptedProbe(terminal, scratchName(runId));
  const leases = command.probe ? parts.writing(runId).leases : null;
  const output = {
    write(text: string) {
      progress.clear();
      stdout.write(text);
    },
  };
  return examine({
    ...parts,
    ...options,
    archive,
    runId,
    version: VERSION,
    leases,
    json: command.format === 'json',
    output,
    style: styleFor(stdout, environment),
  }).finally(progress.clear);
}
