import { expect, it } from 'vitest';
import { smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

/** A managed group in sync, from which something in Secoda takes somebody again and again. */
async function withAnotherWriter() {
  const stand = await scenario();
  const { pairs, accounts } = smallWorld(stand, { groups: 2 });
  const [pair] = pairs;
  const [somebody] = accounts;
  if (!pair || !somebody) throw new Error('empty world');
  await stand.report('apply');
  const otherWriter = () => stand.secoda.state.leave(somebody, pair.secoda);
  const night = async (...args: string[]) => {
    const { warnings } = await stand.report(...(args.length === 0 ? ['apply'] : args));
    return warnings.map(({ kind, group, message }) => `${kind} ${group}: ${message}`);
  };
  return { stand, otherWriter, night, pair };
}

it('a group that three full runs in a row find changed is told, with who may do it', async () => {
  const { otherWriter, night, stand } = await withAnotherWriter();
  const told: (readonly string[])[] = [];
  for (let n = 0; n < 4; n++) {
    otherWriter();
    if (n === 2) {
      // Neither a look nor a run over a part counts.
      expect(await night('plan')).toHaveLength(1);
      expect(await night('plan')).toHaveLength(1);
      await night('apply', '--group', 'Group B');
    }
    told.push(await night());
  }
  expect(told.map((each) => each.length)).toEqual([0, 0, 1, 1]);
  expect(told[2]?.[0]).toMatch(
    /^fight Group A: 3 runs in a row .*SAML attributes .*SCIM .*another deployment/,
  );
  expect(told[3]?.[0]).toContain('4 runs in a row');
  expect((await stand.sync('plan')).stdout).not.toContain('runs in a row');
});

it('an edit by hand now and then, and a group of which something new is wanted, are no fight', async () => {
  const { otherWriter, night, stand, pair } = await withAnotherWriter();
  for (let n = 0; n < 8; n++) {
    if (n % 3 !== 2) otherWriter();
    expect(await night()).toEqual([]);
  }
  for (let n = 0; n < 4; n++) {
    const email = `new${n}@acme.com`;
    stand.secoda.state.addUser({ email });
    stand.okta.state.join(stand.okta.state.addUser({ email }), pair.okta);
    otherWriter();
    expect(await night()).toEqual([]);
  }
});
