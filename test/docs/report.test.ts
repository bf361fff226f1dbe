import { expect, it } from 'vitest';
import { isObject } from '../../lambda/settings/values.ts';
import { addressOf } from '../demo/events.ts';
import { companyConfig, foundCompany } from '../emulators/index.ts';
import { scenario } from '../run/scenario.ts';
import { blocks } from './pages.ts';

/** Fields that are named for a person. */
const BY_PERSON = /^changes\.causes\..+@.*$/;

it('shows every field of the report, and none that it does not have', async () => {
  const world = await scenario();
  const config = companyConfig(world.okta.url, world.secoda.url);
  await world.configure({ ...config, users: { ...config.users, invite: { role: 'viewer' } } });
  const company = foundCompany(world.okta, world.secoda);
  const [hire = ''] = company.newHires.map(addressOf);
  const applied = await world.report('apply');
  const onboarded = await world.report('onboard', hire);
  await world.configure({ ...config, groups: { ...config.groups, exclude: ['BI *'] } });
  const refused = await world.report('plan');
  expect([applied.code, onboarded.code, refused.code]).toEqual([0, 0, 3]);

  const [shown = ''] = blocks.filter(({ path }) => path === 'docs/records.md').map(({ text }) => text);
  const documented: unknown = JSON.parse(shown.replaceAll(/\/\/.*$/gm, '').replaceAll(/,(\s*[}\]])/g, '$1'));
  const real = new Set([applied, onboarded, refused].flatMap((report) => pathsOf(report)));
  real.delete('code'); // the scenario's own
  const named = new Set(pathsOf(documented));
  expect([...real].filter((path) => !named.has(path) && !BY_PERSON.test(path))).toEqual([]);
  const top = (paths: Iterable<string>) => [...new Set([...paths].map((path) => path.split('.')[0]))].sort();
  expect(top(named)).toEqual(top(real));
});

/** `a.b` for each field, those of a list's elements together. */
function pathsOf(value: unknown, path: readonly string[] = []): string[] {
  const own = path.length === 0 ? [] : [path.join('.')];
  if (Array.isArray(value)) return [...own, ...value.flatMap((each) => pathsOf(each, path))];
  if (!isObject(value)) return own;
  return [...own, ...Object.entries(value).flatMap(([key, below]) => pathsOf(below, [...path, key]))];
}
