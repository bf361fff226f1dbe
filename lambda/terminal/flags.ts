export const COMMANDS = ['plan', 'apply', 'onboard', 'history', 'show', 'doctor'] as const;

/** A flag with what it takes, and the commands it goes with where it is not all of them. */
export interface Flag {
  readonly name: string;
  readonly type: 'string' | 'boolean';
  readonly multiple?: boolean;
  readonly short?: string;
  readonly only?: readonly (typeof COMMANDS)[number][];
}

export const FLAGS: readonly Flag[] = [
  { name: 'config', type: 'string' },
  { name: 'group', type: 'string', multiple: true, only: ['plan', 'apply', 'history', 'show'] },
  { name: 'full', type: 'boolean', only: ['plan', 'apply'] },
  { name: 'json', type: 'boolean' },
  { name: 'runs', type: 'string' },
  { name: 'approve', type: 'string', only: ['apply'] },
  { name: 'no-dry-run', type: 'boolean', only: ['apply', 'onboard'] },
  { name: 'invite-again', type: 'boolean', only: ['onboard'] },
  { name: 'reason', type: 'string', only: ['plan', 'apply', 'onboard'] },
  { name: 'since', type: 'string', only: ['history'] },
  { name: 'status', type: 'string', only: ['history'] },
  { name: 'unmatched', type: 'boolean', only: ['history'] },
  { name: 'csv', type: 'boolean', only: ['history'] },
  { name: 'members', type: 'boolean', only: ['show'] },
  { name: 'probe', type: 'boolean', only: ['doctor'] },
  { name: 'help', type: 'boolean', short: 'h' },
  { name: 'version', type: 'boolean' },
];
