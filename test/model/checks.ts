/** Holds what a run did against what it had to do, and against what no run may do. */
import type { Report } from '../../lambda/core/report/report.ts';
import type { SecodaWrite, Served } from '../emulators/index.ts';
import { type End, type Expected, words } from './expectation.ts';
import { markerIds, plain, shared } from './matching.ts';
import { address, peopleOf } from './people.ts';
import type { Configuration } from './pools.ts';
import type { Seen, SeenGroup } from './seen.ts';
import type { Ended } from './stand.ts';

/** One run, as the two services saw it. */
export interface Passed {
  readonly before: Seen;
  readonly after: Seen;
  readonly config: Configuration;
  readonly report: Report | null;
  readonly code: Ended['code'];
  readonly writes: readonly SecodaWrite[];
  /** The addresses that were sent an invitation, by runs before and by this one. */
  readonly mailed: { readonly before: readonly string[]; readonly now: readonly string[] };
  readonly asked: readonly Served[];
  readonly askedOkta: readonly Served[];
}

const list = (ids: Iterable<string>): string => [...ids].sort().join(', ') || 'nobody';

const same = (one: SeenGroup, other: SeenGroup | undefined): boolean =>
  other !== undefined &&
  one.name === other.name &&
  one.description === other.description &&
  one.icon === other.icon &&
  one.members.size === other.members.size &&
  [...one.members].every((userId) => other.members.has(userId));

const idsOf = ({ description }: SeenGroup, { name }: { readonly name: string }): string =>
  (markerIds(description, name) ?? []).join();

/** What a run without any trouble must have done: exactly this, and nothing else. */
export function exactly({ before, after, config }: Passed, ends: readonly End[]): string[] {
  const problems: string[] = [];
  const meant = new Set<string>();
  for (const end of ends) {
    if (end.group === null) {
      const made = [...after.groups.values()].filter(
        (group) => !before.groups.has(group.id) && idsOf(group, config) === end.ids.join(),
      );
      for (const { id } of made) meant.add(id);
      if (made.length > 1 || (made.length === 0 && !end.open))
        problems.push(`${made.length} groups were made of ${end.ids.join()}`);
      for (const group of made) problems.push(...stands(group, end, config));
      continue;
    }
    meant.add(end.group.id);
    const group = after.groups.get(end.group.id);
    if (end.open && same(end.group, group)) continue;
    if (end.deleted) {
      if (group !== undefined) problems.push(`${end.group.name} (${end.group.id}) is still there`);
    } else if (group === undefined) problems.push(`${end.group.name} (${end.group.id}) is gone`);
    else problems.push(...stands(group, end, config));
  }
  for (const group of before.groups.values()) {
    if (!meant.has(group.id) && !same(group, after.groups.get(group.id)))
      problems.push(`${group.name} (${group.id}) is none of a run's business, and is not as it was`);
  }
  for (const group of after.groups.values()) {
    if (!meant.has(group.id) && !before.groups.has(group.id))
      problems.push(`${group.name} (${group.id}) was made, and nobody wanted it`);
  }
  return problems;
}

function stands(group: SeenGroup, end: End, config: { readonly name: string }): string[] {
  const problems: string[] = [];
  const what = `${group.name} (${group.id})`;
  const outside = [...end.must].filter((userId) => !group.members.has(userId));
  const inside = [...group.members].filter((userId) => !end.may.has(userId));
  if (outside.length > 0) problems.push(`${what} lacks ${list(outside)}`);
  if (inside.length > 0) problems.push(`${what} still has ${list(inside)}`);
  const bears = { name: plain(group.name), ids: idsOf(group, config) };
  const bore = end.group === null || !end.lesser ? null : end.group;
  if (!end.names.includes(bears.name) && (bore === null || plain(bore.name) !== bears.name))
    problems.push(`${what} should be called ${end.names.join(' or ')}`);
  if (bears.ids !== end.ids.join() && (bore === null || idsOf(bore, config) !== bears.ids))
    problems.push(`${what} does not name ${end.ids.join()}`);
  const below = (description: string): string =>
    words(
      markerIds(description, config.name) === null
        ? description
        : description.split('\n').slice(1).join('\n'),
    );
  const text = end.text ?? below(end.group?.description ?? '');
  if (!end.lesser && below(group.description) !== text)
    problems.push(`${what} should say “${text}” below its marker`);
  if (end.group !== null && end.group.icon !== group.icon) problems.push(`${what} lost its icon`);
  return problems;
}

/**
 * What no run may go beyond, whatever went wrong: each step must be one that one of these expectations takes.
 *
 * @param late a request took effect when the run had given it up: nobody can keep it from making a group twice
 */
export function within(
  { before, after, config, report }: Passed,
  expectations: readonly (readonly End[])[],
  late: boolean,
): string[] {
  const problems: string[] = [];
  for (const group of before.groups.values()) {
    const ends = expectations.flatMap((each) => each.filter((end) => end.group?.id === group.id));
    const now = after.groups.get(group.id);
    const what = `${group.name} (${group.id})`;
    if (now === undefined) {
      if (!ends.some(({ deleted }) => deleted)) problems.push(`${what} must not be deleted`);
      continue;
    }
    if (same(group, now)) continue;
    const kept = ends.filter(({ deleted }) => !deleted);
    // Where some of its people wait, the others leave a group that is to be deleted.
    const reduced = { ...now, members: group.members };
    const loses = [...now.members].every((userId) => group.members.has(userId)) && same(group, reduced);
    const waits = report?.status === 'held' || ends.some(({ how }) => how === 'superseded');
    if (kept.length === 0 && loses && ends.length > 0 && waits) continue;
    if (kept.length === 0) {
      problems.push(`${what} is none of a run's business, and is not as it was`);
      continue;
    }
    const joined = [...now.members].filter(
      (userId) => !group.members.has(userId) && !kept.some(({ may }) => may.has(userId)),
    );
    const left = [...group.members].filter(
      (userId) => !now.members.has(userId) && kept.every(({ must }) => must.has(userId)),
    );
    if (joined.length > 0) problems.push(`${what} must not get ${list(joined)}`);
    if (left.length > 0) problems.push(`${what} must not lose ${list(left)}`);
    if (plain(now.name) !== plain(group.name) && !kept.some(({ names }) => names.includes(plain(now.name))))
      problems.push(`${what} must not be called ${now.name}`);
    if (now.icon !== group.icon) problems.push(`${what} lost its icon`);
  }
  const made = [...after.groups.values()].filter(({ id }) => !before.groups.has(id));
  for (const group of made) {
    const ids = idsOf(group, config);
    const ends = expectations.flatMap((each) =>
      each.filter((end) => end.group === null && end.ids.join() === ids),
    );
    if (ends.length === 0) problems.push(`${group.name} (${group.id}) was made, and nobody wanted it`);
    const strangers = [...group.members].filter((userId) => !ends.some(({ may }) => may.has(userId)));
    if (strangers.length > 0) problems.push(`${group.name} must not get ${list(strangers)}`);
    if (!late && made.some((other) => other !== group && idsOf(other, config) === ids))
      problems.push(`two groups were made of ${ids}`);
  }
  return problems;
}

/** Whoever moves with their Okta group loses the old group only once the new one shows them, whatever goes wrong. */
export function handedOver({ before, after, config }: Passed, { ends, people }: Expected): string[] {
  return [...before.groups.values()].flatMap((group) => {
    const mine = ends.find((end) => end.group?.id === group.id);
    const moved = (markerIds(group.description, config.name) ?? []).filter(
      (id) => !mine?.wanted?.ids.includes(id),
    );
    const lost = [...group.members].filter(
      (userId) => after.groups.get(group.id)?.members.has(userId) !== true,
    );
    return ends.flatMap((taker) => {
      const from = taker.wanted?.groups.filter(({ id }) => moved.includes(id)) ?? [];
      if (taker === mine || from.length === 0) return [];
      const comers = people.in(from).wanted;
      const shown = [...after.groups.values()].filter(
        (each) =>
          each.id === taker.group?.id ||
          shared(markerIds(each.description, config.name) ?? [], taker.ids) > 0,
      );
      return lost
        .filter((userId) => people.doubts(userId).length === 0 && comers.has(people.addressOf(userId) ?? ''))
        .filter((userId) => people.account(people.addressOf(userId) ?? '').length === 1)
        .filter((userId) => !shown.some(({ id, members }) => id !== group.id && members.has(userId)))
        .map(
          (userId) =>
            `${userId} lost ${group.name} (${group.id}) before ${taker.wanted?.name ?? ''} showed them`,
        );
    });
  });
}

/** What every run keeps to, as the services' own logs show it. */
export function always({ before, after, config, report, code, writes, asked, askedOkta }: Passed): string[] {
  const problems: string[] = [];
  const gone = [...before.groups.values()].filter(({ id }) => !after.groups.has(id));
  const made = [...after.groups.values()].filter(({ id }) => !before.groups.has(id));
  for (const one of gone) {
    const ids = markerIds(one.description, config.name) ?? [];
    const again = made.find((other) => ids.some((id) => idsOf(other, config).split(',').includes(id)));
    if (again !== undefined) problems.push(`${one.name} was deleted and made again`);
  }
  const effective = new Map<string, number>();
  for (const { groupId, effective: did } of writes) {
    if (groupId !== null && did) effective.set(groupId, (effective.get(groupId) ?? 0) + 1);
  }
  for (const [id, count] of effective) if (count > 2) problems.push(`${id} was written ${count} times`);
  const refused = new Map<string, number>();
  for (const { method, path, status } of asked) {
    if (method === 'GET' || status === null || status < 400 || status > 422) continue;
    refused.set(`${method} ${path}`, (refused.get(`${method} ${path}`) ?? 0) + 1);
  }
  // Once in a run Secoda may say that it wants a name with each update.
  const most = [...refused].filter(([what]) => !what.startsWith('POST')).sort(([, a], [, b]) => b - a);
  for (const [n, [what, count]] of most.entries())
    if (count > (n === 0 ? 5 : 4)) problems.push(`${what} was refused ${count} times`);
  if (asked.some(({ status, fault }) => status === 429 && fault === null))
    problems.push('the write budget was exceeded');
  if (report === null) return [...problems, ...(code === 2 ? [] : [`exit ${String(code)} without a report`])];

  const { status, requests, changes } = report;
  const codes = {
    'in-sync': [0],
    planned: [0],
    applied: [0],
    held: [3],
    refused: [3],
    partial: [4],
    interrupted: [130],
    failed: [1, 2, 5, 6],
  };
  if (code !== null && !codes[status].includes(code)) problems.push(`${status} ended with exit ${code}`);
  if (code === 1) problems.push(`something unforeseen: ${report.error ?? ''}`);
  if (['in-sync', 'planned', 'refused'].includes(status) && writes.length > 0)
    problems.push(`${status}, and yet there were writes`);
  if (status === 'applied' && changes.some(({ outcome }) => outcome !== 'applied' && outcome !== 'unsettled'))
    problems.push(`applied, and yet ${changes.map(({ outcome }) => outcome).join()}`);
  const sent = asked.filter(({ method }) => method !== 'GET').length;
  if (requests.secoda.writes !== sent)
    problems.push(`${requests.secoda.writes} writes are reported, ${sent} came in`);
  if (requests.secoda.reads !== asked.length - sent)
    problems.push(`${requests.secoda.reads} reads of Secoda are reported, ${asked.length - sent} came in`);
  if (requests.okta.reads !== askedOkta.length)
    problems.push(`${requests.okta.reads} reads of Okta are reported, ${askedOkta.length} came in`);
  for (const id of effective.keys()) {
    if (!before.groups.has(id)) continue;
    if (!changes.some(({ group }) => group.secodaId === id))
      problems.push(`the report does not know of ${id}`);
  }
  return problems;
}

/** Nothing is called applied that does not stand in the workspace. For runs during which nobody else wrote. */
export function honest({ before, after, report, config }: Passed): string[] {
  const people = peopleOf(after, config);
  const problems: string[] = [];
  for (const { action, group, outcome, add, remove } of report?.changes ?? []) {
    if (outcome !== 'applied') continue;
    const now = group.secodaId === null ? undefined : after.groups.get(group.secodaId);
    if (action === 'delete') {
      if (now !== undefined) problems.push(`${group.name} is called deleted`);
      continue;
    }
    if (group.secodaId !== null && now === undefined) problems.push(`${group.name} is called ${action}d`);
    const emails = new Set([...(now?.members ?? [])].map((userId) => people.addressOf(userId)));
    if (now === undefined) continue;
    for (const email of add) {
      if (!emails.has(address(email)) && action === 'update')
        problems.push(`${email} is called added to ${group.name}`);
    }
    for (const email of remove) {
      if (before.groups.has(now.id) && emails.has(address(email)))
        problems.push(`${email} is called removed from ${group.name}`);
    }
  }
  return problems;
}

/** Those who belong into a group and cannot be put there, and of them those who may be invited. */
export function unmatched(
  { ends, matched, people }: Expected,
  mailed: readonly string[],
): { readonly due: ReadonlyMap<string, string>; readonly possible: Set<string> } {
  const invited = new Set(mailed.map(address));
  const due = new Map<string, string>();
  for (const { wanted, open } of ends) {
    for (const each of wanted === null || open ? [] : people.in(wanted.groups).wanted) {
      const accounts = people.account(each).length;
      if (accounts !== 1 && !invited.has(each)) due.set(each, accounts === 0 ? 'no-account' : 'ambiguous');
    }
  }
  const everybody = people.in(matched.wanted.flatMap(({ groups }) => groups)).wanted;
  const possible = [...everybody].filter((each) => people.account(each).length === 0 && !invited.has(each));
  return { due, possible: new Set(possible) };
}

/** Nobody is invited twice, nor whom no group waits for, nor into a group that does not. */
export function invited(
  { after, before, config, mailed }: Passed,
  expectations: readonly Expected[],
): string[] {
  const problems: string[] = [];
  const everybody = [...mailed.before, ...mailed.now].map(address);
  for (const email of mailed.now.map(address)) {
    if (everybody.filter((other) => other === email).length > 1) problems.push(`${email} is invited twice`);
    if (config.users.invite === false) problems.push(`${email} is invited, though nobody is`);
    if (!expectations.some((each) => unmatched(each, mailed.before).possible.has(email)))
      problems.push(`${email} is invited, and no group waits for them`);
  }
  for (const { id, email } of after.users) {
    if (before.users.some((user) => user.id === id) || email === null) continue;
    for (const group of after.groups.values()) {
      const ids = markerIds(group.description, config.name) ?? [];
      const waits = expectations.some(({ people, matched }) =>
        matched.wanted.some((wanted) => {
          // A group that is taken over keeps its old marker while those whom it is to lose are held.
          const taking = matched.takings.get(wanted);
          const isTaken = taking?.how === 'heir' && taking.group.id === group.id;
          const mirrors = isTaken || shared(wanted.ids, ids) > 0;
          return mirrors && people.in(wanted.groups).wanted.has(address(email));
        }),
      );
      if (group.members.has(id) && !waits) problems.push(`${email} is invited into ${group.name}`);
    }
  }
  return problems;
}

/** What the report of a run without trouble must say of those whom it could not place, and of what it left alone. */
export function told({ code, report, config, mailed }: Passed, expectation: Expected): string[] {
  if (report === null) return [];
  const { ends, matched, people } = expectation;
  const problems: string[] = [];
  const reported = new Map(report.unmatched.map(({ email, reason }) => [people.alias(email), reason]));
  for (const { email } of report.invited) reported.set(people.alias(email), 'no-account');
  const { due } = unmatched(expectation, mailed.before);
  const everybody = people.in(matched.wanted.flatMap(({ groups }) => groups)).wanted;
  for (const [email, reason] of due)
    if (reported.get(email) !== reason)
      problems.push(`${email} is ${reason}, and told as ${reported.get(email) ?? 'nothing'}`);
  for (const { email: text } of report.unmatched) {
    const email = people.alias(text);
    if (!everybody.has(email) || people.account(email).length === 1)
      problems.push(`${email} is told as unmatched`);
  }

  const skipped = new Set(report.skipped.flatMap(({ oktaIds }) => oktaIds));
  const text = JSON.stringify([report.skipped, report.warnings]);
  const names = (group: SeenGroup): boolean => text.includes(JSON.stringify(group.name).slice(1, -1));
  for (const [group, fate] of matched.rest) {
    const ids = markerIds(group.description, config.name) ?? [];
    const named = names(group) || text.includes(group.id) || ids.some((id) => skipped.has(id));
    if (!named && (fate === 'left' || fate === 'deferred'))
      problems.push(`${group.name} (${group.id}) is ${fate}, and nobody is told`);
  }
  let riddles = 0;
  for (const [wanted, taking] of matched.takings) {
    if (taking.how !== 'skipped') continue;
    if (taking.riddle) riddles += 1;
    if (wanted.ids.some((id) => !skipped.has(id)))
      problems.push(`${wanted.name} is skipped, and nobody is told`);
  }
  if (riddles > 0 && report.mode !== 'plan' && code !== 4)
    problems.push(`something is skipped, and exit ${String(code)}`);
  const settled = expectation.calm && !ends.some(({ open }) => open);
  const quiet = [...matched.rest.values()].every((fate) => fate === 'gone' || fate === 'superseded');
  if (
    settled &&
    quiet &&
    skipped.size > 0 &&
    [...matched.takings.values()].every(({ how }) => how !== 'skipped')
  )
    problems.push(`nothing had to be skipped, and yet: ${report.skipped.map(({ reason }) => reason).join()}`);
  if (settled && quiet && skipped.size === 0 && code !== 0)
    problems.push(`all is done, and exit ${String(code)}`);
  return problems;
}
