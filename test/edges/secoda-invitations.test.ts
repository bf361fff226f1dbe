import { describe, expect, test } from 'vitest';
import { secodaInviter } from '../../lambda/edges/secoda/inviter.ts';
import { AccessError, TurnOver, WriteError } from '../../lambda/errors.ts';
import {
  hangBeforeHeaders,
  html,
  resetAfter,
  resetBefore,
  secodaTooMany,
  status,
} from '../emulators/index.ts';
import { aConnection, aSecoda, errorOf, LoggingGate, optionsFor } from './secoda-setup.ts';

const INVITE = 'secoda.user.invite';
const EMAILS = ['ada@acme.com', 'bob@acme.com'];

describe('an invitation', () => {
  test('is one metered call for everybody, with role and groups', async () => {
    const secoda = await aSecoda();
    const group = secoda.state.addGroup({ name: 'Data' });
    const gate = new LoggingGate();
    await secodaInviter(aConnection(secoda)).invite(EMAILS, 'editor', [group.id], gate);
    expect(gate.log).toEqual(['enter', 'leave']);
    expect(EMAILS.map((email) => secoda.state.user(email))).toMatchObject([
      { role: 'editor', active: false },
      { role: 'editor', active: false },
    ]);
    expect(secoda.state.memberEmails('Data')).toEqual(EMAILS);
  });

  test.each([
    ['a reset after it took effect', resetAfter(), 1],
    ['a reset before it did', resetBefore(), 2],
    ['no answer at all', hangBeforeHeaders(), 2],
    ['a 503', status(503), 2],
    ['a 429', secodaTooMany(1), 2],
  ])('that ends in %s invites everybody once', async (_, effect, calls) => {
    const secoda = await aSecoda();
    secoda.faults.add({ on: INVITE, effect });
    const gate = new LoggingGate();
    await secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], gate);
    expect([...secoda.state.users.values()].map(({ email }) => email)).toEqual(EMAILS);
    expect(secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(calls);
    expect(gate.log.filter((line) => line === 'enter')).toHaveLength(calls);
  });

  test('that was lost is repeated for those alone who are not listed', async () => {
    const secoda = await aSecoda();
    secoda.state.addUser({ email: 'Ada@Acme.com', active: false });
    secoda.faults.add({ on: INVITE, effect: resetBefore() });
    await secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], new LoggingGate());
    const bodies = secoda.requests.filter(({ route }) => route === INVITE).map(({ body }) => body);
    expect(bodies.map((body) => body.includes('ada@acme.com'))).toEqual([true, false]);
  });

  test('that was lost is not repeated for somebody who is listed in another spelling of the same letters', async () => {
    const secoda = await aSecoda();
    secoda.state.addUser({ email: 'Zoe\u0308@Acme.com', active: false });
    secoda.faults.add({ on: INVITE, effect: resetBefore() });
    await secodaInviter(aConnection(secoda)).invite(['zo\u00eb@acme.com'], 'viewer', [], new LoggingGate());
    expect(secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(1);
  });

  test('is never repeated where the users list cannot be read', async () => {
    const secoda = await aSecoda();
    secoda.state.addGroup({ name: 'Data' });
    secoda.faults.add({ on: INVITE, times: Infinity, effect: resetBefore() });
    secoda.faults.add({ on: 'secoda.user.list', times: Infinity, effect: html() });
    const error = await errorOf(
      secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], new LoggingGate()),
    );
    expect(error).toMatchObject({ name: 'WriteError', server: true });
    expect(secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(1);
  });

  test('that Secoda refuses says what Secoda said', async () => {
    const secoda = await aSecoda();
    const error = await errorOf(
      secodaInviter(aConnection(secoda)).invite(EMAILS, 'emperor', [], new LoggingGate()),
    );
    expect(error).toBeInstanceOf(WriteError);
    expect(error).toMatchObject({ server: false });
    expect(error.message).toMatch(/^POST \/api\/v1\/user was refused \(400\).*emperor/);
    expect(secoda.state.users.size).toBe(0);
  });

  test('needs the right for it', async () => {
    const secoda = await aSecoda();
    const { viewerKey } = secoda.credentials;
    const inviter = secodaInviter(aConnection(secoda, { ...optionsFor(secoda), apiKey: viewerKey }));
    expect(await errorOf(inviter.invite(EMAILS, 'viewer', [], new LoggingGate()))).toBeInstanceOf(
      AccessError,
    );
  });

  test('is not sent when the turn is over, and only then is that all there is to say', async () => {
    const secoda = await aSecoda();
    class Ending extends LoggingGate {
      override async enter(metered: boolean): Promise<void> {
        if (this.log.length > 0) throw new TurnOver('over');
        await super.enter(metered);
      }
    }
    const ended = new Ending();
    ended.log.push('begun');
    const inviter = secodaInviter(aConnection(secoda));
    expect(await errorOf(inviter.invite(EMAILS, 'viewer', [], ended))).toBeInstanceOf(TurnOver);
    secoda.faults.add({ on: INVITE, effect: resetBefore() });
    expect(await errorOf(inviter.invite(EMAILS, 'viewer', [], new Ending()))).toBeInstanceOf(WriteError);
    expect(secoda.state.users.size).toBe(0);
  });

  test('finds the form of the path that the server wants', async () => {
    const secoda = await aSecoda({ slash: 'with' });
    await secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], new LoggingGate());
    expect(secoda.state.users.size).toBe(2);
  });
});
