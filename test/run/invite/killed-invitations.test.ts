import { expect, it } from 'vitest';
import type { Archive } from '../../../lambda/ports.ts';
import { mailed, withLoneHires } from './hires.ts';
import { applyInSteps, type Traps } from '../killed-steps.ts';

const INVITING = { users: { invite: { role: 'viewer' } } };
type Moment = 'before it is sent' | 'before its answer' | 'before that is noted' | 'before the step ends';

/** Kills the run once, in the middle of its first invitation. Later runs go on over the same archive. */
function killedOnce(moment: Moment) {
  let left = 1;
  let kept: Parameters<Traps>[1] | undefined;
  const traps: Traps = ({ kill }, fresh, edges) => {
    const archive = (kept ??= fresh);
    const swap: Archive['swap'] = async (key, text, expected) => {
      const noting = key === 'invited.json' && text.includes('"sure":true');
      if (noting && moment === 'before that is noted' && left-- > 0) return kill();
      const tag = await archive.swap(key, text, expected);
      return noting && moment === 'before the step ends' && left-- > 0 ? kill() : tag;
    };
    return {
      archive: { ...archive, swap },
      edges: {
        ...edges,
        inviter: {
          async invite(...args) {
            if (moment === 'before it is sent' && left-- > 0) return kill();
            const said = await edges.inviter.invite(...args);
            return moment === 'before its answer' && left-- > 0 ? kill() : said;
          },
        },
      },
    };
  };
  return traps;
}

const SENT = ['before its answer', 'before that is noted', 'before the step ends'] as const;

it.each(SENT)('a run killed %s invites nobody twice, though no list shows them', async (moment) => {
  const { stand } = await withLoneHires(2, {});
  stand.secoda.state.listsInvited = false;
  const traps = killedOnce(moment);
  const { begun } = await applyInSteps(stand, traps, INVITING);
  expect(begun.filter((name) => name === 'invite-1')).toHaveLength(2);
  for (let n = 0; n < 4; n++) {
    stand.jump(660_000);
    const { reports } = await applyInSteps(stand, traps, INVITING);
    expect(reports).toMatchObject([{ invited: [{ outcome: 'awaited' }, { outcome: 'awaited' }] }]);
  }
  expect([...mailed(stand)].sort()).toEqual(['hire0@acme.com', 'hire1@acme.com']);
});

it('a run killed before its answer has invited whom the list shows afterwards', async () => {
  const { stand } = await withLoneHires(2, {});
  const { reports } = await applyInSteps(stand, killedOnce('before its answer'), INVITING);
  expect(reports).toMatchObject([{ invited: [{ outcome: 'applied' }, { outcome: 'applied' }] }]);
  expect([...mailed(stand)].sort()).toEqual(['hire0@acme.com', 'hire1@acme.com']);
});

it('a run killed before it is sent keeps them out until an operator has a word', async () => {
  const { stand } = await withLoneHires(2, {});
  const traps = killedOnce('before it is sent');
  const first = await applyInSteps(stand, traps, INVITING);
  expect(first.reports).toMatchObject([
    { status: 'partial', invited: [{ outcome: 'not-attempted' }, { outcome: 'applied' }] },
  ]);
  stand.jump(660_000);
  const second = await applyInSteps(stand, traps, INVITING);
  expect(second.reports).toMatchObject([{ invited: [{ outcome: 'awaited' }, { outcome: 'awaited' }] }]);
  expect(mailed(stand)).toEqual(['hire1@acme.com']);
});
