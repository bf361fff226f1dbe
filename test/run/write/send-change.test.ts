import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { RefusedWrite, SourceError, WriteError } from '../../../lambda/errors.ts';
import type { Lease } from '../../../lambda/ports.ts';
import type { Sources } from '../../../lambda/run/context.ts';
import { peopleNow, sendChange, type Sending } from '../../../lambda/run/write/send-change.ts';
import { change, member } from '../../render/plans.ts';
import { at, identityOf, managed, rulesOf, user, users } from '../../core/world.ts';

const CURRENT = managed('s1', 'Data', ['g1'], ['u1']);
const content = { name: 'Data', description: CURRENT.description, userIds: ['u1', 'u2'] };
const planned = {
  ...change({ action: 'update', name: 'Data', secodaId: 's1' }),
  content,
  add: [member(at('u2'), 'u2')],
};
const no = (said: string) => new RefusedWrite(`no: ${said}`, 400, said);

/** Sends it to a Secoda that answers like this, one time after the other; the last answer stays. */
async function sent(
  answers: readonly (Error | { group: typeof CURRENT; doubt: string | null })[],
  given: Partial<Sending> = {},
) {
  const asked: unknown[] = [];
  const lost: unknown[] = [];
  const sending: Sending = {
    ...{ change: planned, current: CURRENT },
    identity: () => Promise.resolve(identityOf({}, [user('u1', at('u1'), false), user('u2')])),
    claim: { lose: ({ remove }) => Promise.resolve((lost.push(remove.map(({ userId }) => userId)), [])) },
    send: ({ fields }) => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(fields);
      return answer instanceof Error || answer === undefined
        ? Promise.reject(answer ?? new Error('no answer'))
        : Promise.resolve(answer);
    },
    ...given,
  };
  const end = await sendChange(sending).catch((error: unknown) => error);
  return { end, asked, lost };
}
const shows = (...userIds: string[]) => ({ group: { ...CURRENT, userIds }, doubt: null });

describe('a change', () => {
  it('is sent whole, and was written when Secoda takes it', async () => {
    const { end, asked } = await sent([shows('u1', 'u2')]);
    expect(asked).toEqual([{ userIds: ['u1', 'u2'] }]);
    expect(end).toEqual({ written: planned, group: shows('u1', 'u2').group, refused: null });
  });

  it('is not sent where the group stands so already', async () => {
    const standing = { ...CURRENT, userIds: ['u2', 'u1'] };
    expect(await sent([no('never asked')], { current: standing })).toEqual({
      ...{ asked: [], lost: [] },
      end: { written: planned, group: standing, refused: null },
    });
  });

  it('whose answer proves nothing was written if the group shows it, and nobody knows if it does not', async () => {
    const doubt = 'Secoda answered 502';
    const { end } = await sent([{ ...shows('u1', 'u2'), doubt }]);
    expect(end).toMatchObject({ refused: null, written: planned });
    const { end: error } = await sent([{ ...shows('u1'), doubt }]);
    expect(error).toEqual(new WriteError(`${doubt}; the group does not show the change`, true));
    expect(error).toMatchObject({ server: true });
  });

  it('that fails otherwise is not tried with less of it', async () => {
    const down = new WriteError('Secoda is down', true);
    expect(await sent([down])).toEqual({ end: down, asked: [{ userIds: ['u1', 'u2'] }], lost: [] });
  });
});

describe('a change that Secoda refuses', () => {
  it('is sent without the new one whom it names, who is not in what was written', async () => {
    const { end, asked, lost } = await sent([no(at('u2')), shows('u1')]);
    // Without them nothing is left to be sent.
    expect(asked).toEqual([{ userIds: ['u1', 'u2'] }]);
    expect(lost).toEqual([]);
    expect(end).toEqual({ written: planned, group: CURRENT, refused: `no: ${at('u2')}` });
  });

  it('is sent without members who are not active, who lose their place by it', async () => {
    const { end, asked, lost } = await sent([no('x'), shows('u2')]);
    expect(asked).toEqual([{ userIds: ['u1', 'u2'] }, { userIds: ['u2'] }]);
    expect(lost).toEqual([['u1']]);
    const why = { cause: 'refused-by-secoda', oktaId: null, okta: null };
    const remove = [{ userId: 'u1', email: at('u1'), ineligible: false, why }];
    const { group } = shows('u2');
    expect(end).toEqual({ written: { ...planned, remove }, group, refused: 'no: x' });
  });

  it('was not written where less of it is refused as well', async () => {
    const { end, asked } = await sent([no('x'), no('y')]);
    expect(asked).toHaveLength(2);
    expect(end).toEqual(no('y'));
  });

  it('says each reason once, and one for each time', async () => {
    const named = { ...content, name: 'Other' };
    const asked = { ...planned, content: named };
    const { end } = await sent([no('x'), no('y'), shows('u1')], { change: asked });
    expect(end).toMatchObject({ refused: 'no: x; no: y' });
    const { end: same } = await sent([no('x'), no('x'), shows('u1')], { change: asked });
    expect(same).toMatchObject({ refused: 'no: x' });
  });

  it('is not written where who would lose their place for it breaks a limit', async () => {
    const broken = [{ rule: 'memberRemovals', message: 'take out 1 more', count: 1, limit: 0 }];
    const claim = { lose: () => Promise.resolve(broken) };
    const { end, asked } = await sent([no('x')], { claim });
    expect(asked).toHaveLength(1);
    expect(end).toEqual(new WriteError('no: x; without those it refuses this would take out 1 more', false));
    expect(end).toMatchObject({ server: false });
  });
});

describe('the users as they are now', () => {
  const at0 = (read: () => Promise<ReturnType<typeof users>>) => {
    let renewed = 0;
    const lease = z.custom<Lease>(() => true).parse({ renew: () => Promise.resolve(renewed++) });
    const sources = z.custom<Sources>(() => true).parse({ workspace: { users: read } });
    return { now: peopleNow(sources, rulesOf({}), lease), renewed: () => renewed };
  };

  it('are read once, and the lease is renewed after it', async () => {
    let read = 0;
    const { now, renewed } = at0(() => Promise.resolve((read++, users('u1'))));
    expect((await now()).account(at('u1'))).toEqual({ userId: 'u1', email: at('u1') });
    expect(await now()).toBe(await now());
    expect([read, renewed()]).toEqual([1, 1]);
  });

  it('that cannot be read leave it open what became of the write', async () => {
    const failing = at0(() => Promise.reject(new SourceError('GET /user: 500')));
    const error: unknown = await failing.now().catch((reason: unknown) => reason);
    expect(error).toEqual(
      new WriteError('Secoda refused it, and whom that is about cannot be told: GET /user: 500', true),
    );
    expect(error).toMatchObject({ server: true });
    const other = new Error('a mistake of ours');
    await expect(at0(() => Promise.reject(other)).now()).rejects.toBe(other);
  });
});
