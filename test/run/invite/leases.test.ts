import { expect, it } from 'vitest';
import * as z from 'zod';
import { AccessError, LeaseOver, WriteError } from '../../../lambda/errors.ts';
import type { Archive, Inviter, Lease } from '../../../lambda/ports.ts';
import type { RunContext } from '../../../lambda/run/context.ts';
import { sendInvitations } from '../../../lambda/run/invite/invite.ts';
import { GUARD, rulesOf } from '../../core/world.ts';
import { claimInvited, invitationNotes } from '../../../lambda/archive/invitation-notes.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { HeldClock } from '../../time/clock.ts';

const people = (count: number) => Array.from({ length: count }, (_, n) => `hire${n}@acme.com`);
const apart = (emails: readonly string[]) =>
  emails.map((email) => ({
    emails: [email],
    groups: [{ oktaIds: [email], secodaId: `group of ${email}`, name: email }],
  }));

const START = 1_800_000_000_000;

interface Play {
  /** What happens when the nth lease is renewed for the mth time. */
  readonly renew?: (lease: number, renewal: number) => unknown;
  /** What comes of a call. */
  readonly invite?: (clock: HeldClock) => string | null;
  readonly count?: number;
  readonly archive?: Archive;
}

/** Invites so many people, each with a call of their own, into a workspace whose list shows nobody. */
async function send({
  renew = () => undefined,
  invite = () => null,
  count = 3,
  archive = memoryArchive(),
}: Play) {
  let taken = 0;
  const clock = new HeldClock(START);
  const sent: string[] = [];
  const steps: string[] = [];
  const take = (): Promise<Lease> => {
    const lease = ++taken;
    let renewals = 0;
    return Promise.resolve({
      renew: async () => {
        await renew(lease, ++renewals);
      },
      release: () => Promise.resolve(),
      enter: () => Promise.resolve(),
      leave: () => undefined,
      throttled: () => undefined,
    });
  };
  const inviter: Inviter = {
    invite: async ({ email }) => {
      await Promise.resolve();
      sent.push(email);
      return invite(clock);
    },
  };
  const silent = { reads: 0, writes: 0, throttled: 0, retries: 0 };
  const context = z
    .custom<RunContext>(() => true)
    .parse({
      sources: {
        workspace: {
          users: () => Promise.resolve([]),
          groups: () => Promise.resolve([]),
          group: () => Promise.resolve(null),
          traffic: () => silent,
        },
        clock,
        listen: () => undefined,
      },
      interrupted: new AbortController().signal,
      rules: { ...rulesOf({}), invite: { role: 'viewer', teams: [], max: 25 } },
      archive,
      guard: GUARD,
      origin: { trigger: 'terminal', requestedBy: null, reason: null, awsRequestId: null },
      workflow: {
        step: <T>(name: string, work: () => Promise<T>) => {
          steps.push(name);
          return work();
        },
        wait: () => Promise.resolve(),
        rest: () => Promise.resolve(),
      },
    });
  const leases = { take, due: () => Promise.resolve(0) };
  const { outcomes, stop } = await sendInvitations(
    { runId: '20260102T030405Z-1a2b', leases, inviter },
    context,
    {
      invitations: apart(people(count)),
      approved: false,
      anew: null,
      recheck: () => (emails) => Promise.resolve(new Set(emails)),
      startedAt: START,
    },
  );
  const noted = await invitationNotes(archive, 'okta');
  return { taken, sent, steps, ends: outcomes.map(({ outcome }) => outcome), outcomes, stop, noted };
}

const raise = (error: Error): never => {
  throw error;
};
const over = () => raise(new LeaseOver('over'));

it('each call is sent on a lease that was renewed just before, and the others wait for the next lease', async () => {
  const { sent, taken, ends } = await send({ renew: (lease, renewal) => lease + renewal === 3 && over() });
  expect(ends).toEqual(['applied', 'applied', 'applied']);
  expect(sent).toEqual(people(3));
  expect(taken).toBe(3);
});

it('a lease that is lost while the lists are read sends nothing', async () => {
  const { sent } = await send({ renew: over });
  expect(sent).toEqual([]);
});

it('thirty leases in a row without a call are enough', async () => {
  const { ends, steps, stop, outcomes } = await send({ renew: over });
  expect([steps.length, steps.at(-1), stop]).toEqual([30, 'invite-30', null]);
  expect(ends).toEqual(['not-attempted', 'not-attempted', 'not-attempted']);
  expect(outcomes[0]?.error).toContain('used up by others');
});

it('leases without a call do not add up when one between them has some, but there is an end to all leases', async () => {
  const onceIn29 = (lease: number, renewal: number) => (lease % 29 !== 0 || renewal > 1) && over();
  const three = await send({ renew: onceIn29 });
  expect([three.ends, three.steps.length]).toEqual([['applied', 'applied', 'applied'], 87]);
  const four = await send({ renew: onceIn29, count: 4 });
  expect([four.ends, four.steps.length]).toEqual([['applied', 'applied', 'applied', 'not-attempted'], 100]);
});

it.each([
  ['a refusal', new WriteError('no', false), 'failed'],
  ['a server that was never reached', new WriteError('not reached', true), 'failed'],
  ['a key without the right', new AccessError('no'), 'not-attempted'],
] as const)('%s leaves no note of whom it failed for', async (_, error, next) => {
  const { ends, noted } = await send({ count: 2, invite: () => raise(error) });
  expect([ends, noted]).toEqual([['failed', next], []]);
});

it('ten server failures in a row end the run, and the others are not attempted', async () => {
  const { ends, stop } = await send({ count: 12, invite: () => raise(new WriteError('not reached', true)) });
  expect(ends).toEqual([...Array<string>(10).fill('failed'), 'not-attempted', 'not-attempted']);
  expect(stop?.message).toContain('Secoda failed 10 writes in a row');
});

it('a lease that ends before a call is sent leaves no note, and the call is sent in the next one', async () => {
  let calls = 0;
  const { ends, sent } = await send({ count: 1, invite: () => (calls++ === 0 ? over() : null) });
  expect([ends, sent]).toEqual([['applied'], ['hire0@acme.com', 'hire0@acme.com']]);
});

it('an error that nobody foresaw says nothing of what was sent, so the note stays', async () => {
  const { stop, noted } = await send({ count: 1, invite: () => raise(new Error('odd')) });
  expect(stop).toMatchObject({ name: 'Error', message: 'odd' });
  expect(noted).toEqual([{ email: 'hire0@acme.com', at: START, sure: false }]);
});

it('a lost answer is noted with the time at which it was given up', async () => {
  const { noted, ends } = await send({
    count: 1,
    invite: (clock) => {
      clock.advance(25_000);
      return 'POST was not answered';
    },
  });
  expect(ends).toEqual(['failed']);
  expect(noted).toEqual([{ email: 'hire0@acme.com', at: START + 25_000, sure: false }]);
});

it('somebody whom another run noted since the notes were read is left to it', async () => {
  const archive = memoryArchive();
  const { sent, ends } = await send({
    archive,
    count: 2,
    renew: () => claimInvited(archive, 'okta', ['hire1@acme.com'], START - 1),
  });
  expect([sent, ends]).toEqual([['hire0@acme.com'], ['applied', 'not-attempted']]);
});
