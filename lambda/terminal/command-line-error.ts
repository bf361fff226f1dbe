import { UsageError } from '../errors.ts';

/** The command line itself is wrong, so that its usage helps. */
export class CommandLineError extends UsageError {
  constructor(problems: readonly string[]) {
    super(problems);
    this.name = 'CommandLineError';
  }
}
