import type { SecodaEmulator } from '../../emulators/index.ts';
import { smallWorld } from '../small-world.ts';
import { scenario, type ScenarioOptions } from '../scenario.ts';

export const INVITE = 'secoda.user.invite';

/** The e-mails that were sent, in order. */
export const mailed = ({ secoda }: { readonly secoda: SecodaEmulator }): readonly string[] =>
  secoda.state.mailed;

/** A managed group in sync, and `hires` people without an account, each of whom is in it and in one of their own. */
export async function withLoneHires(hires: number, options: ScenarioOptions = {}) {
  const stand = await scenario(options);
  await stand.configure({ users: { invite: { role: 'viewer' } } });
  const [pair] = smallWorld(stand, { groups: 1 }).pairs;
  if (!pair) throw new Error('empty world');
  let count = 0;
  const hire = () => {
    const user = stand.okta.state.addUser({ email: `hire${count}@acme.com` });
    stand.okta.state.join(user, pair.okta);
    stand.okta.state.addGroup({ name: `Own ${count++}`, members: [user] });
    return user;
  };
  const persons = Array.from({ length: hires }, hire);
  const ends = async (...args: string[]) => {
    const { invited, code } = await stand.report(...(args.length === 0 ? ['apply'] : args));
    return { code, ends: invited.map(({ outcome }) => outcome), errors: invited.map(({ error }) => error) };
  };
  return { stand, pair, persons, hire, ends };
}
