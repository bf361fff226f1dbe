import { expect, it } from 'vitest';
import { WAITING_MS } from '../../lambda/core/people/invitations.ts';
import {
  claimInvited,
  forgetEarlier,
  forgetInvited,
  invitationNotes,
  noteInvited,
  settleInvited,
} from '../../lambda/archive/invitation-notes.ts';
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
    { via: 'okta', email: ADA, at: AT, until: AT + WAITING_MS },
    { via: 'okta', email: BOB, at: AT, until: AT + 600_000 },
    { via: 'second', email: BOB, at: AT, until: AT + WAITING_MS },
  ];
  const { archive, notes } = await noted(JSON.stringify({ version: 1, people }));
  const expected = [
    { email: ADA, at: AT, sure: true },
    { email: BOB, at: AT, sure: false },
  ];
  expect(await notes()).toEqual(expected);
  await settleInvited(archive, 'okta', []);
  expect(await notes()).toEqual(expected);
  await claimInvited(archive, 'second', [ADA], AT);
  await claimInvited(archive, 'okta', ['cy@acme.com'], AT);
  // An earlier release reads it too, and holds all of them.
  expect(JSON.parse(archive.texts.get('invited.json') ?? '')).toMatchObject({
    version: 1,
    people: [...expected, { email: 'cy@acme.com' }, { email: ADA, via: 'second' }, people[2]].map((each) => ({
      ...each,
      until: AT + WAITING_MS,
    })),
  });
});

it('ten minutes were not sure, longer was; and of two deployments the file is in order', async () => {
  const at = (email: string, via: string, until: number) => ({ via, email, at: AT, until });
  const people = [
    at(BOB, 'okta', AT + 600_001),
    at(ADA, 'okta', AT + 600_000),
    at(ADA, 'emea', AT + 600_001),
  ];
  const { archive, notes } = await noted(JSON.stringify({ version: 1, people }));
  expect(await notes()).toEqual([
    { email: BOB, at: AT, sure: true },
    { email: ADA, at: AT, sure: false },
  ]);
  await claimInvited(archive, 'okta', ['cy@acme.com'], AT);
  const file = JSON.parse(archive.texts.get('invited.json') ?? '') as { people: typeof people };
  expect(file.people.map(({ via, email }) => `${via} ${email}`)).toEqual([
    `emea ${ADA}`,
    `okta ${ADA}`,
    `okta ${BOB}`,
    'okta cy@acme.com',
  ]);
});

it('who is asked for anew is forgotten, where they were noted before', async () => {
  const { archive, notes } = await noted('');
  await noteInvited(archive, 'okta', [ADA], AT, true);
  await noteInvited(archive, 'okta', [BOB], AT - 1, false);
  await forgetEarlier(archive, 'okta', [ADA], AT);
  expect(await notes()).toHaveLength(2);
  await forgetEarlier(archive, 'okta', [ADA, BOB], AT);
  expect(await notes()).toEqual([{ email: ADA, at: AT, sure: true }]);
  await forgetEarlier(archive, 'okta', [BOB], AT + 1);
  expect(await notes()).toHaveLength(1);
  await forgetEarlier(archive, 'okta', [ADA], AT + 1);
  expect(await notes()).toEqual([]);
});

it('a note that changes nothing is not written', async () => {
  const { archive } = await noted('');
  expect(await claimInvited(archive, 'okta', [ADA], AT)).toBe(true);
  archive.swap = () => Promise.reject(new Error('written again'));
  expect(await claimInvited(archive, 'okta', [ADA], AT)).toBe(true);
  await forgetInvited(archive, 'okta', [BOB], AT);
});

it('each deployment has notes of its own', async () => {
  const { archive, notes } = await noted('');
  for (const via of ['okta', 'second']) await claimInvited(archive, via, [ADA], AT);
  await settleInvited(archive, 'okta', [row(ADA)]);
  await noteInvited(archive, 'second', [BOB], AT, true);
  expect(await notes()).toEqual([{ email: ADA, at: AT, sure: true }]);
  expect(await invitationNotes(archive, 'second')).toEqual([
    { email: ADA, at: AT, sure: false },
    { email: BOB, at: AT, sure: true },
  ]);
});

it('nobody is claimed who was noted since the notes were read', async () => {
  const { archive, notes } = await noted('');
  expect(await claimInvited(archive, 'okta', [ADA], AT)).toBe(true);
  expect(await claimInvited(archive, 'okta', [ADA, BOB], AT + 1)).toBe(false);
  expect(await notes()).toEqual([{ email: ADA, at: AT, sure: false }]);
  await noteInvited(archive, 'okta', [ADA], AT, true);
  expect(await claimInvited(archive, 'okta', [ADA], AT)).toBe(false);
});

it('a claim whose answer is lost is recognised', async () => {
  const { archive, notes } = await noted('');
  archive.loseAnswer();
  expect(await claimInvited(archive, 'okta', [ADA, BOB], AT)).toBe(true);
  expect(await notes()).toHaveLength(2);
});

it('only the claim that came to nothing is forgotten', async () => {
  const { archive, notes } = await noted('');
  await claimInvited(archive, 'okta', [ADA], AT);
  await forgetInvited(archive, 'okta', [ADA], AT - 1);
  await forgetInvited(archive, 'second', [ADA], AT);
  expect(await notes()).toHaveLength(1);
  await noteInvited(archive, 'okta', [BOB], AT, true);
  await forgetInvited(archive, 'okta', [ADA, BOB], AT);
  expect(await notes()).toEqual([{ email: BOB, at: AT, sure: true }]);
});
