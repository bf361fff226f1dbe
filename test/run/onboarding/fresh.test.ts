import { describe, expect, it } from 'vitest';
import { WriteError } from '../../../lambda/errors.ts';
import type { Adder } from '../../../lambda/ports.ts';
import { after, before } from '../../emulators/index.ts';
import { onboardInSteps } from './in-steps.ts';
import { markerOf, smallWorld } from '../small-world.ts';
import { scenario } from '../scenario.ts';

const HIRE = 'hire@acme.com';

/** Managed groups in sync, and a hire who is in all of them in Okta and has an account. */
async function withHire(groups = 1) {
  const stand = await scenario();
  const { pairs } = smallWorld(stand, { groups, people: 1 });
  const [pair] = pairs;
  if (!pair) throw new Error('empty world');
  const hire = stand.okta.state.addUser({ email: HIRE });
  for (const { okta } of pairs) stand.okta.state.join(hire, okta);
  const account = stand.secoda.state.addUser({ email: HIRE });
  return { stand, pairs, pair, hire, account };
}

describe('nobody is added who, between the search and the write,', () => {
  it('is suspended', async () => {
    const { stand, hire } = await withHire();
    const effect = after(() => stand.okta.state.setStatus(hire, 'SUSPENDED'));
    stand.okta.faults.add({ on: 'okta.user.groups', effect });
    const { answers } = await onboardInSteps(stand, [HIRE]);
    expect(answers[HIRE]).toEqual(['not added to Group A: Okta says otherwise by now']);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('gets another address', async () => {
    const { stand, hire } = await withHire();
    const effect = after(() => stand.okta.state.changeProfile(hire, { email: 'other@acme.com' }));
    stand.okta.faults.add({ on: 'okta.user.groups', effect });
    await onboardInSteps(stand, [HIRE]);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('leaves while the groups before theirs are written', async () => {
    const { stand, hire, pairs } = await withHire(2);
    const [, second] = pairs;
    const through = (adder: Adder): Adder => ({
      async add(...args) {
        const added = await adder.add(...args);
        if (second) stand.okta.state.leave(hire, second.okta);
        stand.jump(35_000);
        return added;
      },
    });
    const { answers, names } = await onboardInSteps(stand, [HIRE], { through });
    expect(answers[HIRE]).toEqual(['added to Group A', 'not added to Group B: Okta says otherwise by now']);
    expect(names).toEqual(['find', 'slice-1', 'report']);
  });
});

describe('a group is left alone that, between the search and the write,', () => {
  it.each([
    ['is taken over by another deployment', (group: { readonly id: string }) => markerOf(group, 'emea')],
    ['mirrors another Okta group', () => markerOf({ id: '00gOther' })],
    ['loses its marker', () => 'ours'],
  ])('%s', async (_, described) => {
    const { stand, pair } = await withHire();
    const effect = before(() => {
      stand.secoda.state.edit(pair.secoda, { description: described(pair.okta) });
    });
    stand.secoda.faults.add({ on: 'secoda.group.get', effect });
    const { answers } = await onboardInSteps(stand, [HIRE]);
    expect(answers[HIRE]).toEqual(['not added to Group A: the group is not as it was found']);
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('was given the hire by somebody else, which is no work of ours', async () => {
    const { stand, pair, account } = await withHire();
    const effect = before(() => stand.secoda.state.join(account, pair.secoda));
    stand.secoda.faults.add({ on: 'secoda.group.get', effect });
    const { answers, report } = await onboardInSteps(stand, [HIRE]);
    expect(answers[HIRE]).toEqual(['already there: Group A']);
    expect(report).toMatchObject({ status: 'in-sync', changes: [] });
  });
});

it('somebody who is named twice, by address and login, is added once and told twice', async () => {
  const { stand, hire, pair, account } = await withHire();
  stand.okta.state.changeProfile(hire, { login: 'h@corp.acme.com' });
  const { answers, report } = await onboardInSteps(stand, [HIRE, 'h@corp.acme.com']);
  expect(answers).toEqual({ [HIRE]: ['added to Group A'], 'h@corp.acme.com': ['added to Group A'] });
  expect(report?.changes).toMatchObject([{ add: [HIRE] }]);
  expect(pair.secoda.users.has(account)).toBe(true);
});

describe('server failures', () => {
  /** Fails at each of these calls, counted from 1. */
  const failing =
    (at: (call: number) => boolean) =>
    (adder: Adder): Adder => {
      let calls = 0;
      return {
        add: (...args) =>
          at(++calls) ? Promise.reject(new WriteError('Secoda is down', true)) : adder.add(...args),
      };
    };

  it('end the run after ten in a row, and the rest is not attempted', async () => {
    const { stand } = await withHire(12);
    const { report, end } = await onboardInSteps(stand, [HIRE], { through: failing(() => true) });
    const outcomes = report?.changes.map(({ outcome }) => outcome);
    expect(outcomes).toEqual([...Array<string>(10).fill('failed'), 'not-attempted', 'not-attempted']);
    expect(end.failure?.message).toContain('Secoda is down');
  });

  it('with a success between them do not', async () => {
    const { stand } = await withHire(12);
    const { report } = await onboardInSteps(stand, [HIRE], { through: failing((call) => call !== 10) });
    const outcomes = report?.changes.map(({ outcome }) => outcome);
    expect(outcomes?.filter((outcome) => outcome === 'failed')).toHaveLength(11);
    expect(outcomes?.[9]).toBe('applied');
  });
});
