import { describe, expect, it } from 'vitest';
import { drift, membersOf, smallWorld } from './small-world.ts';
import { scenario } from './scenario.ts';

const QUESTION = 'Go on? Only “yes” writes: ';

const CLEAR = '\r\u001b[2K';

/** What is still to be seen of a stream, without the lines that were written over. */
const standing = (text: string) =>
  text
    .split(CLEAR)
    .filter((part, at, all) => at === all.length - 1 || part.includes('\n'))
    .join('');

/** Groups that drifted apart, and somebody at a terminal who answers so. */
async function asked(...answers: readonly string[]) {
  const stand = await scenario({ answers });
  const world = smallWorld(stand);
  drift(stand, world);
  return { stand, ...world };
}

describe('apply on a terminal', () => {
  it.each(['yes', ' Y '])('says what it writes and how long that takes, and writes at %j', async (answer) => {
    const { stand } = await asked(answer);
    const { code, stderr } = await stand.sync('apply');
    expect(standing(stderr)).toBe(
      `This writes to Secoda: 1 group to create, 2 to update, 1 to delete. It takes less than a minute, at 30 writes a minute.\n${QUESTION}`,
    );
    expect(code).toBe(0);
    expect(stand.secoda.state.writes).toHaveLength(4);
  });

  it.each(['no', 'n', '', 'yes please', 'apply'])(
    'writes nothing at %j, ends with 1, and leaves a record of what it would have done',
    async (answer) => {
      const { stand } = await asked(answer);
      const before = membersOf(stand);
      const { code, stdout } = await stand.sync('apply');
      expect(code).toBe(1);
      expect(stdout).toContain('Planned: nothing was written.');
      expect(stand.secoda.state.writes).toEqual([]);
      expect(membersOf(stand)).toEqual(before);
      const { stdout: runs } = await stand.sync('history', '--json');
      expect(JSON.parse(runs)).toMatchObject({ runs: [{ mode: 'plan', status: 'planned' }] });
    },
  );

  it('asks nobody where there is nothing to write', async () => {
    const { stand } = await asked('yes');
    await stand.sync('apply');
    expect(await stand.sync('apply')).toMatchObject({
      code: 0,
      stderr: expect.not.stringContaining('Go on?') as string,
    });
  });

  it('takes the end of what is typed for a no', async () => {
    const { stand } = await asked();
    expect(await stand.sync('apply')).toMatchObject({
      code: 1,
      stderr: expect.stringMatching(/writes: \n$/) as string,
    });
    expect(stand.secoda.state.writes).toEqual([]);
  });

  it('ends as interrupted with Ctrl-C at the question, with nothing written and its record closed', async () => {
    const { stand } = await asked('interrupt', 'yes');
    const { code, stdout } = await stand.sync('apply');
    expect(code).toBe(130);
    expect(stdout).toContain('Interrupted: nothing was written. (4 not attempted)\n');
    await expect(stand.read('turn.json')).rejects.toThrow('ENOENT');
    expect(stand.secoda.state.writes).toEqual([]);
    const { stdout: runs } = await stand.sync('history', '--json');
    expect(JSON.parse(runs)).toMatchObject({ runs: [{ mode: 'apply', status: 'interrupted' }] });
    expect(await stand.sync('apply')).toMatchObject({ code: 0 });
  });

  it('counts a run that was not let go for no complete one', async () => {
    const { stand, pairs } = await asked('no', 'yes');
    const [pair] = pairs;
    if (pair) stand.okta.state.join(stand.okta.state.addUser({ email: 'late@acme.com' }), pair.okta);
    await stand.sync('apply');
    await expect(stand.read('unmatched/okta.json')).rejects.toThrow('ENOENT');
    await stand.sync('apply');
    await expect(stand.read('unmatched/okta.json')).resolves.toBeDefined();
  });

  it.each([
    ['with --yes', ['--yes'], 0],
    ['with --json', ['--json'], 0],
    ['with --approve', ['--approve', '0123456789abcdef'], 3],
  ] as const)('asks nothing %s', async (_, flags, code) => {
    const { stand } = await asked('no');
    const ended = await stand.sync('apply', ...flags);
    expect(ended.code).toBe(code);
    expect(ended.stderr).not.toContain('Go on?');
  });

  it('asks nothing where there is nothing to write, or nothing that may be', async () => {
    const { stand, pairs } = await asked('yes', 'no', 'no');
    expect((await stand.sync('apply')).code).toBe(0);
    const idle = await stand.sync('apply');
    expect([idle.code, standing(idle.stderr)]).toEqual([0, '']);
    await stand.configure({ guard: { memberRemovals: { max: 0, percent: 0 } } });
    const [pair] = pairs;
    if (pair)
      for (const user of [...stand.okta.state.users.values()]) stand.okta.state.leave(user, pair.okta);
    const refused = await stand.sync('apply');
    expect([refused.code, standing(refused.stderr)]).toEqual([3, '']);
  });

  it('asks nothing where nobody sits in front of it', async () => {
    const stand = await scenario({ terminal: true });
    drift(stand, smallWorld(stand));
    expect((await stand.sync('apply')).code).toBe(0);
  });
});
