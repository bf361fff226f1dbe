import { isInScope, mapGroups } from '../groups/mapping.ts';
import { readMarker } from '../groups/marker.ts';
import type { OktaGroup } from '../model/directory.ts';
import type { Memory } from '../model/memory.ts';
import type { SyncRules } from '../model/rules.ts';
import { accountNear, sameName } from '../model/text.ts';
import type { WorkspaceGroup } from '../model/workspace.ts';
import {
  accountOf,
  type ExplainFacts,
  fateOf,
  type GroupExplanation,
  isFree,
  type PersonFacts,
  type Say,
  type Step,
} from './explanation.ts';

/** The Secoda group that memory knows for an Okta group, by its id. */
export function knownGroup(memory: Memory, oktaId: string): string | null {
  for (const { secodaId, oktaIds } of memory.groups.values()) if (oktaIds.includes(oktaId)) return secodaId;
  return null;
}

/** Follows a person (`null`: the group alone) from an Okta group to a Secoda group, up to the first thing that decides. Pure. */
export function explain(person: PersonFacts | null, group: OktaGroup, facts: ExplainFacts): GroupExplanation {
  const { rules, memory, secoda, identity } = facts;
  const [wantedGroup] = mapGroups([group], rules.mapping).wanted;
  const name = wantedGroup?.name ?? group.name;
  const secodaId = knownGroup(memory, group.id);
  const found = secodaId === null ? null : (secoda.get(secodaId) ?? null);
  const ours = found !== null && readMarker(found.description)?.via === rules.name ? found : null;
  const userId = person === null ? null : accountOf(person, identity);
  const member = userId !== null && found !== null && found.userIds.includes(userId);

  const steps: Step[] = [];
  const fixes: string[] = [];
  const step: Say = (what, text, fix) => {
    steps.push({ step: what, ok: fix === undefined, text });
    if (fix !== undefined) fixes.push(fix);
    return fix === undefined;
  };
  const inOkta = person === null || personSteps(person, group, facts, step);
  const mapped = inOkta && scopeSteps(group, name, facts, step);
  const wanted = mapped && (person === null || accountStep(person, facts, step));
  const settled = wanted && endSteps(person, group, name, ours, member, facts, step);
  if (!mapped && person === null && ours !== null) step('nothing', fateWithout(ours, rules));
  if (!wanted && person !== null && member) leavingStep(person, userId, group, name, ours, facts, step);
  const isNot = ({ ok }: Step) => !ok;
  const decides = member && !wanted ? steps.findLast(isNot) : steps.find(isNot);
  return {
    group: { name: ours?.name ?? name, oktaIds: wantedGroup?.oktaIds ?? [group.id], secodaId },
    member,
    wanted,
    decidedBy: settled ? 'nothing' : (decides?.step ?? 'nothing'),
    steps,
    fix: settled ? null : (fixes[0] ?? null),
  };
}

/** Whether a member who is not to be one goes, and what else keeps them in. */
function leavingStep(
  { records }: PersonFacts,
  userId: string,
  group: OktaGroup,
  name: string,
  ours: WorkspaceGroup | null,
  facts: ExplainFacts,
  step: Say,
): void {
  const { identity, rules, selected, lastRun } = facts;
  const isUnknown = records.some(
    ({ person, groups }) =>
      identity.eligibilityOf(person) === 'unknown' && groups.some(({ id }) => id === group.id),
  );
  if (isUnknown || !isFree(group, name, ours, facts, step)) return;
  const waits = lastRun?.changes.some(
    ({ outcome, remove, group: { name: changed } }) =>
      (outcome === 'held' || lastRun.status === 'refused') && remove.length > 0 && sameName(changed, name),
  );
  const isIn = selected.get(group.id) !== false && isInScope(group, rules.mapping);
  if (identity.isProtected(userId))
    step('protect', 'users.protect keeps them in it', 'take them out of users.protect, if they are to go');
  else if (waits === true) step('protect', 'the guard holds who is to leave it');
  else if (isIn || ours === null) step('protect', 'the next full run takes them out');
  else step('nothing', fateWithout(ours, rules));
}

/** What becomes of a managed group once this Okta group is out of scope. */
function fateWithout(ours: WorkspaceGroup, rules: SyncRules): string {
  const others = (readMarker(ours.description)?.oktaIds ?? []).length > 1;
  const shown = `Secoda group ${JSON.stringify(ours.name)} (${ours.id})`;
  return others
    ? `${shown} mirrors other Okta groups, too: while one is in scope it stays, with their people`
    : fateOf(ours, rules);
}

/** Okta knows the person, with a status that counts, and has them in the group. */
function personSteps(
  { email, records }: PersonFacts,
  group: OktaGroup,
  { identity }: ExplainFacts,
  step: Say,
): boolean {
  const inGroup = records.filter(({ groups }) => groups.some(({ id }) => id === group.id));
  const shown = inGroup[0] ?? records[0];
  if (shown === undefined) {
    const fix = 'check how the address is written in Okta; an alias of Secoda is no address there';
    return step('okta', `nobody in Okta has ${email} as e-mail or login`, fix);
  }
  const people = (inGroup.length > 0 ? inGroup : records).map(({ person }) => person);
  const eligible = people.find((each) => identity.eligibilityOf(each) === 'eligible');
  const { id, status } = eligible ?? shown.person;
  step('okta', `${id} ${status}`);
  if (eligible === undefined) {
    if (!people.some((each) => identity.eligibilityOf(each) === 'unknown'))
      return step(
        'status',
        `the status ${status} gives no access`,
        'if they should have access, activate them in Okta',
      );
    const text = `the status ${status} was never seen before: memberships stay as they are`;
    return step('status', text, `add ${status} to users.statuses if it is to give access`);
  }
  const where = `${JSON.stringify(group.name)} (${group.id})`;
  return inGroup.length > 0
    ? step('membership', `in ${where}`)
    : step('membership', `not in ${where}`, `add them to ${JSON.stringify(group.name)} in Okta`);
}

function scopeSteps(group: OktaGroup, name: string, { rules, selected }: ExplainFacts, step: Say): boolean {
  const shown = JSON.stringify(group.name);
  if (selected.get(group.id) === false) {
    const fix = `assign ${shown} to the app in Okta, or change okta.groups`;
    return step('scope', `okta.groups does not select ${shown}`, fix);
  }
  if (!isInScope(group, rules.mapping)) {
    const text = `groups.include and groups.exclude leave ${shown} out`;
    return step('scope', text, 'let it in with groups.include or groups.exclude');
  }
  step('scope', `okta.groups, include and exclude let ${shown} in`);
  const [skipped] = mapGroups([group], rules.mapping).skipped;
  if (skipped !== undefined) return step('mapping', skipped.reason, 'correct groups.rename or groups.map');
  const own = sameName(name, group.name);
  return step('mapping', own ? 'goes by its own name' : `maps to ${JSON.stringify(name)}`);
}

function accountStep({ records }: PersonFacts, facts: ExplainFacts, step: Say): boolean {
  const { identity, addresses, lastRun } = facts;
  const [address] = records.flatMap(({ person }) => identity.addressOf(person) ?? []);
  if (address === undefined)
    return step('account', 'Okta has no address to match by', 'complete their profile in Okta');
  const account = identity.account(address);
  if (account === 'several') {
    const text = `several Secoda accounts have ${address}`;
    return step('account', text, 'remove the spare accounts in Secoda');
  }
  if (account !== 'none') return step('account', `${address} (${account.userId})`);
  const since = lastRun?.unmatched.find(({ email }) => email === address);
  const story = since?.since
    ? `; unmatched since ${since.since.slice(0, 10)}, ${since.runs} run${since.runs === 1 ? '' : 's'}`
    : '';
  const near = accountNear(address, addresses);
  const alias =
    near === null
      ? ''
      : `, or add users.aliases: { '${records[0]?.person.email ?? address}': '${near.email}' }: ${near.how}`;
  return step('account', `nobody in Secoda has ${address}${story}`, `invite them in Secoda${alias}`);
}

/** What is left once everything says that the person, or the group, is to be there. */
function endSteps(
  person: PersonFacts | null,
  group: OktaGroup,
  name: string,
  ours: WorkspaceGroup | null,
  member: boolean,
  facts: ExplainFacts,
  step: Say,
): boolean {
  if (member) return step('nothing', 'a member, as they should be');
  if (!isFree(group, name, ours, facts, step)) return false;
  const { lastRun } = facts;
  const run = lastRun === null ? '' : ` (${lastRun.runId})`;
  const changes = lastRun?.changes.filter((each) => sameName(each.group.name, name)) ?? [];
  const waits = changes.find(({ outcome }) => outcome === 'held');
  const change = waits !== undefined && (person === null || waits.add.length > 0) ? waits : changes[0];
  const isHeldBack = lastRun?.status === 'refused' || change?.outcome === 'held';
  if (isHeldBack && change !== undefined) {
    const text = `the guard kept the last run from it${run}: ${lastRun?.refusals[0]?.message ?? 'held'}`;
    return step('guard', text, 'npm run sync -- show last, and approve it if it is meant');
  }
  if (change !== undefined && (change.outcome === 'failed' || change.outcome === 'unsettled')) {
    const why = change.error ?? 'it accepted the write and does not show it';
    const text = `Secoda did not do it in the last run${run}: ${why}`;
    return step('secoda', text, 'see the reason; the next run tries again');
  }
  if (ours === null) {
    const text =
      'Secoda has no group of ours for it that this archive knows: the next full run makes or adopts it';
    return step('nothing', text);
  }
  const mirror = `mirrored by ${JSON.stringify(ours.name)} (${ours.id}), ${ours.userIds.length} members`;
  return step('nothing', person === null ? mirror : 'the next run adds them');
}
