import { bad, fine, type Finding } from '../../doctor/finding.ts';
import type { WriteGate } from '../../ports.ts';
import { WriteError } from '../../errors.ts';
import { isOk } from './body.ts';
import type { SecodaConnection } from './connection.ts';
import { broken, look } from './finding.ts';
import { postInvitation } from './inviter.ts';

const CHECK = 'Secoda: invitations';

/**
 * Asks Secoda to invite nobody: a list without a single address. Whether it accepts that or finds fault with the list, it
 * shows that the endpoint is there and that the key may use it; a key without the right is refused before the body is read.
 */
export async function probeInvitations(
  connection: SecodaConnection,
  role: string,
  gate: WriteGate,
): Promise<Finding> {
  const asked = await look(async () => {
    try {
      const answer = await postInvitation(connection, { emails: [], role, groups: [] }, gate);
      return isOk(answer) ? null : `${CHECK} answered (${answer.status})`;
    } catch (error) {
      // A refusal for what is in the body; 401 and 403 are another kind of error.
      if (error instanceof WriteError && !error.server) return error.message;
      throw error;
    }
  });
  if ('error' in asked) return broken(CHECK, asked.error, 'See what Secoda said.');
  const said = asked.seen;
  if (said === null) return fine(CHECK, `the endpoint accepts the role ${role}; nobody was invited`);
  if (/\((404|405)\)/.test(said))
    return bad(CHECK, said, 'Set users.invite to false: this workspace has no such endpoint.');
  if (/role/i.test(said.slice(said.indexOf('Secoda said'))))
    return bad(CHECK, said, 'Set users.invite.role to a role that Secoda knows.');
  return fine(CHECK, 'the endpoint is there and the key may use it: it wants an address; nobody was invited');
}
