import { fine, type Finding, untold } from '../../doctor/finding.ts';
import { ChangedPeople } from './changed-people.ts';
import type { ConnectionOptions } from './connection.ts';
import { cureIn } from './failure.ts';
import { look } from './finding.ts';

/** What `doctor` calls it. */
export const CHANGES = 'Okta: changes';
/** A page of people is enough to see that they are told. */
const ENOUGH = 200;
const WITHOUT = 'without them each run reads the members of every group';

/** Whether Okta tells who has changed. Nothing fails where it does not, so that is never more than a remark. `now` by Okta's clock. */
export async function changesFinding(options: ConnectionOptions, now: number): Promise<Finding> {
  const seen = await look(() => new ChangedPeople(options).since(now, ENOUGH));
  if ('seen' in seen)
    return fine(CHANGES, 'people who change are told, so that groups that do not change need not be read');
  const { error, with: what } = seen.trouble;
  const cure = cureIn(error);
  const detail = cure === null ? error.message : error.message.slice(0, -cure.length).trimEnd();
  if (what !== 'rights' && what !== 'credentials') return untold(CHANGES, `${detail}; ${WITHOUT}`);
  return { check: CHANGES, ok: null, detail: `people who change are not told; ${WITHOUT}: ${detail}`, cure };
}
