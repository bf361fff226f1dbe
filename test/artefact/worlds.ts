import type { Region } from './deployed.ts';

const PEOPLE = ['ada', 'bob', 'cleo', 'dan'].map((name) => `${name}@acme.example`);

/** So many Okta groups that Secoda has nothing of yet, with the same four people in each. */
export function newGroups(
  { okta, secoda }: Pick<Region, 'okta' | 'secoda'>,
  count: number,
): readonly string[] {
  const members = PEOPLE.map((email) => okta.state.addUser({ email }));
  for (const email of PEOPLE) secoda.state.addUser({ email });
  return Array.from({ length: count }, (_, n) => {
    const name = `Group ${String(n + 1).padStart(3, '0')}`;
    okta.state.addGroup({ name, members });
    return name;
  });
}

/** The names of all groups in Secoda, sorted. */
export function namesIn({ secoda }: Pick<Region, 'secoda'>): readonly string[] {
  return [...secoda.state.groups.values()].map(({ name }) => name).sort();
}

/** Writes over HTTP that changed something, by method. */
export function effective({ secoda }: Pick<Region, 'secoda'>, method: string): number {
  return secoda.state.writes.filter((write) => write.effective && write.method === method).length;
}
