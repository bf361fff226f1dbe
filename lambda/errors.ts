/** One class for each way a run can end that a caller must tell apart. Their messages are written for people. */

/** The command line, the configuration or the credentials are wrong: exit 2. Each problem stands alone. */
export class UsageError extends Error {
  override readonly name: string = 'UsageError';
  readonly problems: readonly string[];
  constructor(problems: readonly string[]) {
    super(problems.join('\n'));
    this.problems = problems;
  }
}

/** A source could not be read completely, so nothing may be written: exit 5. */
export class SourceError extends Error {
  override readonly name: string = 'SourceError';
}

/** A host that does not exist: nothing is wrong with the service, and trying again does not help. */
export class NoSuchHost extends SourceError {
  override readonly name = 'NoSuchHost';
}

/** A service asks to be asked again later than anybody can wait here: what asked it begins anew in so many milliseconds. */
export class AskLater extends SourceError {
  readonly ms: number;
  constructor(message: string, ms: number) {
    super(`${message}; it asks to wait ${Math.ceil(ms / 1000)} s`);
    this.ms = ms;
  }
}

/** The archive did not answer, or not as it should: exit 5 as well, as long as nothing was written. */
export class ArchiveError extends SourceError {}

/** A service answered 401 or 403, on a read or a write: the run stops, exit 6. */
export class AccessError extends Error {
  override readonly name = 'AccessError';
}

/** One write did not succeed. `server`: the service failed (5xx, no answer); otherwise it refused this one change. */
export class WriteError extends Error {
  override readonly name = 'WriteError';
  readonly server: boolean;
  constructor(message: string, server: boolean) {
    super(message);
    this.server = server;
  }
}

/** Secoda refused what was asked (400, 409, 413 or 422): less of it may be accepted. */
export class RefusedWrite extends WriteError {
  /** What Secoda said, whole: it may name whom it refuses. */
  readonly said: string;
  readonly status: number;
  constructor(message: string, status: number, said: string) {
    super(message, false);
    this.status = status;
    this.said = said;
  }
}

/** The lease ended before this write could be sent: the change stays pending for the next slice. */
export class LeaseOver extends Error {
  override readonly name: string = 'TurnOver';
}

/** Somebody ended the command, by Ctrl-C or SIGTERM: nothing more is sent, and what is pending is left to the next run. */
export class Interrupted extends LeaseOver {
  override readonly name = 'Interrupted';
  /** 130 or 143: 128 and the number of the signal. */
  readonly exitCode: number;
  constructor(exitCode: number, message = 'the run was interrupted') {
    super(message);
    this.exitCode = exitCode;
  }
}

/** The command line itself is wrong, so that its usage helps. */
export class CommandLineError extends UsageError {
  override readonly name: string = 'CommandLineError';
}

/** What went wrong, in its own words; whoever throws no error is quoted. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
