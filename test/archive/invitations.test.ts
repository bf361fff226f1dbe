import { expect, it } from 'vitest';
import { TELLING_MS, UNSURE_MS } from '../../lambda/core/people/invitation-notes.ts';
import {
  claimInvited,
  forgetInvited,
  invitationNotes,
  noteInvited,
  settleInvited,
} from '../../lambda/archive/invitations.ts';
import { memoryArchive } from './lease/memory-archive.ts';

const AT = 1_800_000_000_000;
const ADA = 'ada@acme.com';
const BOB = 'bob@acme.com';
const row = (email: string) => ({ id: email, email, active: false });

async function noted(text: string) {
  const archive = memoryArchive();
  await archive.write('invited.json', text);
  return { archive, notes: () => invitationNotes(archive, 'okta') };
}

it('a file of an earlier release is read: what it held for ten minutes, it was not sure of', async () => {
  const people = [
    { via: 'okta', email: ADA, at: AT, until: AT + TELLING_MS },
    { via: 'okta', email: BOB, at: AT, until: AT + UNSURE_MS },
    { via: 'second', email: BOB, at: AT, until: AT + TELLING_MS },
  ];
  const { archive, notes } = await noted(JSON.stringify({ version: 1, people }));
  const expected = [
    { email: ADA, at: AT, sure: true },
    { email: BOB, at: AT, sure: false },
  ];
  expect(await notes()).toEqual({ people: expected, listShows: false });
  await settleInvited(archive, 'okta', [], AT + UNSURE_MS);
  expect(await notes()).toEqual({ people: expected, listShows: false });
  await claimInvited(archive, 'second', [ADA], AT);
  await claimInvited(archive, 'okta', ['cy@acme.com'], AT);
  // An earlier release reads it too, and holds all of them.
  expect(JSON.parse(archive.texts.get('invited.json') ?? '')).toMatchObject({
    version: 1,
    people: [...expected, { email: 'cy@acme.com' }, { email: ADA, via: 'second' }, people[2]].map((each) => ({
      ...each,
      until: AT + TELLING_MS,
    })),
  });
});

it('each deployment has notes of its own, and does not know what the list of another showed', async () => {
  const { archive, notes } = await noted('');
  for (const via of ['okta', 'second']) await claimInvited(archive, via, [ADA], AT);
  await settleInvited(archive, 'okta', [row(ADA)], AT + 1);
  await noteInvited(archive, 'second', [BOB], AT, 'shown');
  expect(await notes()).toEqual({ people: [{ email: ADA, at: AT, sure: true }], listShows: true });
  expect(await invitationNotes(archive, 'second')).toEqual({
    people: [
      { email: ADA, at: AT, sure: false },
      { email: BOB, at: AT, sure: true },
    ],
    listShows: false,
  });
  await settleInvited(archive, 'okta', [], AT + UNSURE_MS);
  expect(await notes()).toMatchObject({ listShows: false });
});

it('nobody is claimed who was noted since the notes were read', async () => {
  const { archive, notes } = await noted('');
  expect(await claimInvited(archive, 'okta', [ADA], AT)).toBe(true);
  expect(await claimInvited(archive, 'okta', [ADA, BOB], AT + 1)).toBe(false);
  expect((await notes()).people).toEqual([{ email: ADA, at: AT, sure: false }]);
  await noteInvited(archive, 'okta', [ADA], AT, 'shown');
  expect(await claimInvited(archive, 'okta', [ADA], AT)).toBe(false);
});

it('a claim whose answer is lost is recognised', async () => {
  const { archive, notes } = await noted('');
  archive.loseAnswer();
  expect(await claimInvited(archive, 'okta', [ADA, BOB], AT)).toBe(true);
  expect((await notes()).people).toHaveLength(2);
});

it('only the claim that came to nothing is forgotten', async () => {
  const { archive, notes } = await noted('');
  await claimInvited(archive, 'okta', [ADA], AT);
  await forgetInvited(archive, 'okta', [ADA], AT - 1);
  await forgetInvited(archive, 'second', [ADA], AT);
  expect((await notes()).people).toHaveLength(1);
  await noteInvited(archive, 'okta', [BOB], AT, 'shown');
  await forgetInvited(archive, 'okta', [ADA, BOB], AT);
  expect((await notes()).people).toEqual([{ email: BOB, at: AT, sure: true }]);
});

it.each(['{"version":1,"people":[],"shows":7}', '{"version":1,"people":[],"shows":[7]}'])(
  'nothing is known of the list where %s says so',
  async (text) => {
    expect(await (await noted(text)).notes()).toEqual({ people: [], listShows: false });
  },
);
