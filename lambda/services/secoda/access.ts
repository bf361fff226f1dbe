import { AccessError } from '../../errors.ts';
import type { SecodaAnswer } from './answer.ts';
import type { SecodaConnection } from './connection.ts';

/** Secoda answered 401 or 403: what it said, and what to do about it. */
export class KeyRefused extends AccessError {
  readonly status: number;
  readonly said: string;
  readonly cure: string;
  constructor(status: number, said: string, cure: string) {
    super(`${said}. ${cure}`);
    this.status = status;
    this.said = said;
    this.cure = cure;
  }
}

/** Throws `KeyRefused` for a 401 or 403. `where` is method and path. */
export function checkAccess(connection: SecodaConnection, answer: SecodaAnswer, where: string): void {
  const { status } = answer;
  if (status !== 401 && status !== 403) return;
  const words = `${status}, Secoda said: ${connection.words(answer)}`;
  if (status === 401) {
    throw new KeyRefused(
      status,
      `${where}: Secoda does not accept the API key (${words})`,
      `Check that the key belongs to the workspace at ${connection.origin.host}, or let an Admin create a new one in Secoda's settings.${connection.renewalTrouble}`,
    );
  }
  throw new KeyRefused(
    status,
    `${where}: the Secoda API key lacks the right for it (${words})`,
    'A key has the rights of the user who made it: use one that was made by an Admin of the workspace.',
  );
}
