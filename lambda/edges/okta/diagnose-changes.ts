import { fine, type Finding, untold } from '../../doctor/finding.ts';
import type { Person } from '../../core/model.ts';
import { ChangedPeople } from './changed-people.ts';
import type { ConnectionOptions } from './connection.ts';
import { cureIn } from './failure.ts';
import { look } from './finding.ts';
import { ROLES } from './rights.ts';
import { sampleOf } from './sample.ts';

/** What `doctor` calls it. */
export const CHANGES = 'Okta: changes';
/** A page of people is enough to see that they are told. */
const ENOUGH = 200;
const CURE = `Give the credentials for Okta a role that may ${ROLES.users}, of all users.`;
const WITHOUT = 'without them each run reads the members of every group';

/**
 * Whether Okta tells who has changed. Nothing fails where it does not, so that is never more than a remark. `now` by Okta's
 * clock; `known`: some people who are there.
 */
export async function changesFinding(
  options: ConnectionOptions,
  now: number,
  known: readonly Person[],
): Promise<Finding> {
  const nobody = sampleOf(known).length === 0;
  const seen = await look(async () => {
    const changed = new ChangedPeople(options);
    await changed.since(now, ENOUGH);
    return changed.blindTo(known);
  });
  if ('seen' in seen) {
    if (seen.seen === null)
      return fine(CHANGES, 'people who change are told, so that groups that do not change need not be read');
    return nobody ? untold(CHANGES, `not known: ${seen.seen}`) : notTold(seen.seen, CURE);
  }
  const { error, with: what } = seen.trouble;
  const cure = cureIn(error);
  const detail = cure === null ? error.message : error.message.slice(0, -cure.length).trimEnd();
  if (what !== 'rights' && what !== 'credentials') return untold(CHANGES, `${detail}; ${WITHOUT}`);
  return notTold(detail, cure);
}

function notTold(why: string, cure: string | null): Finding {
  return { ...untold(CHANGES, `people who change are not told; ${WITHOUT}: ${why}`), cure };
}
