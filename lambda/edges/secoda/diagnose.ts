import type { WorkspaceGroup, WorkspaceUser } from '../../core/model.ts';
import { bad, fine, type Finding, untold } from '../../doctor/finding.ts';
import { KeyRefused } from './access.ts';
import { jsonOf } from './body.ts';
import { SecodaConnection, type SecodaOptions } from './connection.ts';
import { pagesFinding } from './diagnose-pages.ts';
import { broken, look } from './finding.ts';
import { get, READ_DEADLINE_MS } from './get.ts';
import { ACTIVITY } from './shapes.ts';
import { GROUPS_PATH, secodaWorkspace } from './workspace.ts';

/**
 * Looks at everything that a sync reads of Secoda, in order. What cannot be told because something before it failed is
 * `null`. Whether the key may write shows only when it does: see `probeSecoda`. Throws `UsageError` for an address or a
 * key that nothing can be sent with.
 */
export async function diagnoseSecoda(options: SecodaOptions): Promise<readonly Finding[]> {
  const connection = new SecodaConnection(options);
  const where = `GET ${GROUPS_PATH}`;
  const first = await look(async () =>
    jsonOf(
      connection,
      await get(connection, { path: GROUPS_PATH, where, deadlineMs: READ_DEADLINE_MS }),
      where,
    ),
  );
  const error = 'error' in first ? first.error : null;
  const findings = [
    addressFinding(connection.origin, error),
    clockFinding(connection.skewMs),
    keyFinding(error),
    error === null ? slashFinding(connection) : untold('Secoda: paths'),
  ];
  if (error !== null)
    return [...findings, ...['users', 'groups', 'pages'].map((of) => untold(`Secoda: ${of}`))];
  const workspace = secodaWorkspace(connection);
  const users = await look(() => workspace.users());
  const groups = await look(() => workspace.groups());
  const cure = 'Look at what Secoda answers there, and try again later.';
  return [
    ...findings,
    'error' in users ? broken('Secoda: users', users.error, cure) : usersFinding(users.seen, connection),
    'error' in groups ? broken('Secoda: groups', groups.error, cure) : groupsFinding(groups.seen),
    await pagesFinding(connection),
  ];
}

/** Whoever refuses is there; only what makes no sense speaks against the address. */
function addressFinding({ origin }: URL, error: Error | null): Finding {
  const check = 'Secoda: address';
  if (error === null || error instanceof KeyRefused) return fine(check, `${origin} answers`);
  const cure =
    'Check secoda.region or secoda.url, and that this machine can reach it (name resolution, firewall, proxy).';
  return broken(check, error, cure);
}

/** Retry times and records are stamped by clocks: beyond this they mislead, in milliseconds. */
const MOST_SKEW_MS = 60_000;

function clockFinding(skewMs: number | null): Finding {
  const check = 'Secoda: clock';
  if (skewMs === null) return untold(check, 'Secoda did not say what time it is');
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const detail = `Secoda's clock is ${seconds} s ${skewMs < 0 ? 'behind' : 'ahead of'} this machine's`;
  if (Math.abs(skewMs) <= MOST_SKEW_MS) return fine(check, detail);
  return bad(check, detail, "Set this machine's clock (NTP).");
}

function keyFinding(error: Error | null): Finding {
  const check = 'Secoda: API key';
  if (error === null)
    return fine(check, 'accepted; whether it may change groups is for doctor --probe to show');
  return error instanceof KeyRefused ? broken(check, error, '') : untold(check);
}

function slashFinding({ habits }: SecodaConnection): Finding {
  return fine('Secoda: paths', `are asked for ${habits.slash ? 'with' : 'without'} a slash at their end`);
}

function usersFinding(users: readonly WorkspaceUser[], { habits }: SecodaConnection): Finding {
  const check = 'Secoda: users';
  const cure = 'Check that the key belongs to the right workspace.';
  if (users.length === 0) return bad(check, 'no users are listed', cure);
  const nameless = users.filter(({ email }) => email === null).length;
  const inactive = users.filter(({ active }) => active === false).length;
  const services = users.filter(({ service }) => service).length;
  const fields = ACTIVITY.filter((field) => habits.activity.has(field)).join(', ');
  const told =
    fields === '' ? `nothing says who is active (none of ${ACTIVITY.join(', ')})` : `told by ${fields}`;
  return fine(
    check,
    `${users.length} listed, ${nameless} without an address, ${inactive} not active, ${services} service accounts; ${told}`,
  );
}

function groupsFinding(groups: readonly WorkspaceGroup[]): Finding {
  const memberships = groups.reduce((sum, { userIds }) => sum + userIds.length, 0);
  return fine('Secoda: groups', `${groups.length} listed, with ${memberships} memberships`);
}
