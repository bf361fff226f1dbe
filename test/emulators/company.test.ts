import { afterAll, beforeAll, expect, test } from 'vitest';
import { askOkta, nextPage, rows } from './ask.ts';
import { type Company, companyConfig, foundCompany, startOkta, startSecoda } from './index.ts';
import type { OktaEmulator, OktaGroup, SecodaEmulator, SecodaGroup } from './index.ts';

let okta: OktaEmulator;
let secoda: SecodaEmulator;
let company: Company;

beforeAll(async () => {
  okta = await startOkta();
  secoda = await startSecoda();
  company = foundCompany(okta, secoda);
});
afterAll(() => Promise.all([okta.close(), secoda.close()]));

/** The Okta groups that the company's configuration selects, by Secoda name. */
function wanted(): Map<string, OktaGroup[]> {
  const found = new Map<string, OktaGroup[]>();
  for (const group of okta.state.apps.values().next().value?.groups ?? []) {
    if (!/^(Data |BI |Analytics |secoda-)/.test(group.name) || group.name.endsWith('(test)')) continue;
    const name = /^Analytics (EMEA|Americas)$/.test(group.name)
      ? 'Analytics'
      : group.name.replace(/^secoda-/, '');
    found.set(name, [...(found.get(name) ?? []), group]);
  }
  return found;
}

/** The lower-case addresses of the Secoda accounts that a Secoda group should have. */
function addresses(groups: readonly OktaGroup[]): Set<string> {
  const accounts = new Set([...secoda.state.users.values()].map(({ email }) => email?.toLowerCase()));
  const active = groups.flatMap(({ members }) => [...members]).filter(({ status }) => status === 'ACTIVE');
  const all = active.map(({ profile }) =>
    typeof profile.email === 'string' ? profile.email.toLowerCase() : '',
  );
  return new Set(all.filter((email) => accounts.has(email)));
}

/** The Secoda group that mirrors these Okta groups, by its marker or else its name. */
function counterpart(name: string, groups: readonly OktaGroup[]): SecodaGroup | undefined {
  const all = [...secoda.state.groups.values()];
  const marker = `Managed by Okta (${groups
    .map(({ id }) => id)
    .sort()
    .join(', ')}) via okta.`;
  return (
    all.find(({ description }) => description?.startsWith(marker)) ?? all.find((group) => group.name === name)
  );
}

function drift() {
  const protectedOnes = new Set([company.breakGlass, company.serviceAccount]);
  return [...wanted()].map(([name, groups]) => {
    const group = counterpart(name, groups);
    const want = addresses(groups);
    const have = [...(group?.users ?? [])].filter((user) => !protectedOnes.has(user));
    const kept = new Set(have.map(({ email }) => email?.toLowerCase() ?? ''));
    const add = [...want].filter((email) => !kept.has(email));
    const remove = [...kept].filter((email) => !want.has(email));
    return { name, group, size: have.length, add, remove };
  });
}

test('about 25 groups and 300 people are in scope', () => {
  expect(wanted().size).toBe(25);
  expect(okta.state.users.size).toBe(300);
  expect(wanted().get('Analytics')).toHaveLength(2);
});

test('the drift stays below the limits of the guard, in less than one minute of writes', () => {
  const changes = drift();
  const writes = changes.filter(
    ({ name, group, add, remove }) =>
      group === undefined || group.name !== name || add.length + remove.length > 0,
  );
  const removals = changes.reduce((sum, { remove }) => sum + remove.length, company.orphan.users.size);
  expect(writes.length + 1).toBeLessThan(25);
  expect(removals).toBeLessThanOrEqual(20);
  for (const { size, remove } of changes) expect(remove.length).toBeLessThanOrEqual(Math.max(5, size / 2));
  expect(
    changes.filter(({ add, remove, group }) => group !== undefined && add.length + remove.length === 0)
      .length,
  ).toBeGreaterThan(7);
});

test('each thing that is pointed at is as it says', () => {
  const { newHires, leaver, mover, unmatched, missing, renamed, handMade, orphan, foreign, serviceAccount } =
    company;
  const changes = drift();
  const added = new Set(changes.flatMap(({ add }) => add));
  const removed = new Set(changes.flatMap(({ remove }) => remove));
  const address = ({ profile }: typeof leaver): string =>
    JSON.stringify(profile.email).slice(1, -1).toLowerCase();
  expect(newHires.map(address).filter((email) => !added.has(email))).toEqual([]);
  expect(removed).toContain(address(leaver));
  expect(leaver.status).toBe('DEPROVISIONED');
  expect([mover.from.members.has(mover.user), mover.to.members.has(mover.user)]).toEqual([false, true]);
  expect(unmatched).toHaveLength(6);
  expect(changes.filter(({ group }) => group === undefined).map(({ name }) => name)).toEqual(
    missing.map(({ name }) => name.replace('secoda-', '')),
  );
  expect([renamed.okta.name, renamed.secoda.name]).toEqual(['Data Leadership', 'Data Leads']);
  expect(handMade.description).not.toContain('Managed by Okta');
  expect(orphan.description).toContain('via okta.');
  expect(foreign.description).toContain('via legacy-hr.');
  expect(serviceAccount.hidden).toBe(true);
});

test('addresses are written in different cases on both sides', () => {
  const mixed = [...secoda.state.users.values()].filter(({ email }) => email !== email?.toLowerCase());
  expect(mixed.length).toBeGreaterThan(20);
});

test('the configuration names the app whose groups are assigned', async () => {
  const config = companyConfig(okta.url, secoda.url);
  expect(config.okta.orgUrl).toBe(okta.url);
  const answer = await askOkta(okta, `/api/v1/apps/${config.okta.groups.app}/groups?expand=group&limit=200`);
  expect(rows(answer)).toHaveLength(28);
  expect(nextPage(answer)).toBeUndefined();
});

test('the company is the same every time', async () => {
  const [otherOkta, otherSecoda] = [await startOkta(), await startSecoda()];
  foundCompany(otherOkta, otherSecoda);
  const shape = (state: SecodaEmulator['state']) =>
    [...state.groups.keys()].map((id) => [id, state.memberEmails(id)]);
  expect(shape(otherSecoda.state)).toEqual(shape(secoda.state));
  expect([...otherOkta.state.groups.keys()]).toEqual([...okta.state.groups.keys()]);
  await Promise.all([otherOkta.close(), otherSecoda.close()]);
});
