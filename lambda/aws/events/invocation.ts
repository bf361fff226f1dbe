import * as z from 'zod';
import { UsageError } from '../../errors.ts';
import type { RunRequest } from '../../core/model/request.ts';
import { closed, described, isObject, problem, problemsOf, text, yesOrNo } from '../../settings/values.ts';
import { APPROVE_ALIAS } from '../../names.ts';
import { isForApprovals, stated } from './origin.ts';
import { address, id, LIMITS, someOf } from './targets.ts';

const ACCEPTED =
  'accepted are {} (everything), {"dryRun": true} or false, {"groups": ["name or id", …]}, {"full": true} (these also together), ' +
  '{"onboard": ["a@b.c", …]} alone, and {"explain": {person, group}} alone, by an address, a group, or both; "requestedBy" and "reason" with any; ' +
  `{"approve": "DIGEST"} through the alias ${APPROVE_ALIAS} alone`;
const APPROVALS =
  `through the alias ${APPROVE_ALIAS} accepted is {"approve": "DIGEST"}, with "requestedBy" and "reason" at most; ` +
  'everything else goes to the function without it';

const DIGEST = 'the digest of a refused plan: 16 characters of 0-9 and a-f';
const GROUP = `a name or an id of up to ${LIMITS.name} characters`;

const event = closed({
  dryRun: yesOrNo().optional(),
  groups: someOf(text(GROUP).max(LIMITS.name, { error: GROUP }), LIMITS.groups, 'names or ids').optional(),
  full: yesOrNo().optional(),
  onboard: someOf(address(), LIMITS.people, 'e-mail addresses').optional(),
  explain: closed({
    person: address().optional(),
    group: text(GROUP).max(LIMITS.name, { error: GROUP }).optional(),
  }).optional(),
  ...stated,
});

const approval = closed({
  approve: z
    .string({ error: DIGEST })
    .trim()
    .regex(/^[0-9a-f]{16}$/, { error: DIGEST }),
  ...stated,
});

const followShape = closed({
  hints: closed({
    groups: someOf(id(), LIMITS.groups, 'Okta ids').optional(),
    users: someOf(id(), LIMITS.people, 'Okta ids').optional(),
    emails: someOf(address(), LIMITS.people, 'e-mail addresses').optional(),
    leavers: someOf(id(), LIMITS.people, 'Okta ids').optional(),
    deleted: someOf(id(), LIMITS.groups, 'Okta ids').optional(),
  }),
  ...stated,
});

/**
 * What an event asks for. It is read strictly, because what is not understood must never become a run over everything; and an
 * approval only where it came through its alias. `functionArn`: what was invoked. Throws `UsageError` with every problem and,
 * last, what is accepted.
 */
export function readRequest(input: unknown, functionArn: string): RunRequest {
  const forApprovals = isForApprovals(functionArn);
  const accepted = forApprovals ? APPROVALS : ACCEPTED;
  if (!isObject(input)) throw refusal([problem('the event', 'an object', described(input))], accepted);
  if (forApprovals) {
    const approved = approval.safeParse(input);
    if (!approved.success) throw refusal(problemsOf(approved.error, input), accepted);
    return { kind: 'approve', digest: approved.data.approve };
  }
  if ('approve' in input) {
    const alias = `${functionArn.split(':')[6] ?? ''}:${APPROVE_ALIAS}`;
    throw refusal([
      `approve: not through this door; who may approve sends it alone to ${alias}, as --function-name of aws lambda invoke`,
    ]);
  }
  if ('hints' in input) return follow(input);
  const parsed = event.safeParse(input);
  if (!parsed.success) throw refusal(problemsOf(parsed.error, input));
  const { dryRun = null, groups = [], full = false, onboard, explain } = parsed.data;
  const alone = onboard !== undefined ? 'onboard' : explain !== undefined ? 'explain' : null;
  if (alone !== null && Object.keys(input).some((key) => key !== alone && !(key in stated)))
    throw refusal([`${alone}: stands alone, with requestedBy and reason at most`]);
  if (onboard !== undefined) return { kind: 'onboard', emails: onboard };
  if (explain !== undefined) {
    const { person = null, group = null } = explain;
    if (person === null && group === null) throw refusal(['explain: names neither a person nor a group']);
    return { kind: 'explain', question: { person, group } };
  }
  return { kind: 'run', dryRun, groups, full };
}

function follow(input: Readonly<Record<string, unknown>>): RunRequest {
  const parsed = followShape.safeParse(input);
  if (!parsed.success) throw refusal(problemsOf(parsed.error, input));
  const { groups = [], users = [], emails = [], leavers = [], deleted = [] } = parsed.data.hints;
  if (groups.length + users.length + emails.length === 0) throw refusal(['hints: name nothing']);
  const named = { oktaGroupIds: groups, oktaUserIds: users, emails };
  return { kind: 'follow', hints: { ...named, leaverIds: leavers, deletedGroupIds: deleted } };
}

/** The event that asks for this: `readRequest` of it gives the same request again. */
export function eventOf(request: RunRequest): Readonly<Record<string, unknown>> {
  if (request.kind === 'approve') return { approve: request.digest };
  if (request.kind === 'onboard') return { onboard: request.emails };
  if (request.kind === 'explain') {
    const { person, group } = request.question;
    return { explain: { ...(person === null ? {} : { person }), ...(group === null ? {} : { group }) } };
  }
  if (request.kind === 'follow') {
    const { oktaGroupIds: groups, oktaUserIds: users, emails, leaverIds, deletedGroupIds } = request.hints;
    return { hints: withoutEmpty({ groups, users, emails, leavers: leaverIds, deleted: deletedGroupIds }) };
  }
  const { dryRun, groups, full } = request;
  return {
    ...(dryRun === null ? {} : { dryRun }),
    ...withoutEmpty({ groups }),
    ...(full ? { full } : {}),
  };
}

function withoutEmpty(lists: Readonly<Record<string, readonly string[]>>) {
  return Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0));
}

function refusal(problems: readonly string[], accepted: string = ACCEPTED): UsageError {
  return new UsageError([...problems, accepted]);
}
