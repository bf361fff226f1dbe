import { describe, expect, test } from 'vitest';
import { secodaInviter } from '../../../lambda/services/secoda/inviter.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { AccessError, LeaseOver, WriteError } from '../../../lambda/errors.ts';
import {
  hangBeforeHeaders,
  hangMidBody,
  html,
  resetAfter,
  resetBefore,
  secodaTooMany,
  status,
} from '../../emulators/index.ts';
import { aConnection, aSecoda, errorOf, LoggingGate, optionsFor } from './setup.ts';

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
      { role: 'editor', pending: true },
      { role: 'editor', pending: true },
    ]);
    expect(secoda.state.memberEmails('Data')).toEqual(EMAILS);
  });

  test.each([
    ['a reset after it took effect', resetAfter(), 1],
    ['a reset before it did', resetBefore(), 0],
    ['no answer at all', hangBeforeHeaders(), 0],
    ['half an answer', hangMidBody(), 1],
    ['a 503', status(503), 0],
    ['a page of HTML', html(), 0],
  ])('that ends in %s is not sent again, since nobody knows', async (_, effect, effective) => {
    const secoda = await aSecoda();
    secoda.faults.add({ on: INVITE, effect });
    const gate = new LoggingGate();
    const said = await secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], gate);
    expect(said).toMatch(/^POST /);
    expect(secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(1);
    expect(secoda.state.mailed).toEqual(effective === 1 ? EMAILS : []);
    expect(gate.log).toEqual(['enter', 'leave']);
  });

  test('is sent again after a 429, which has no effect', async () => {
    const secoda = await aSecoda();
    secoda.faults.add({ on: INVITE, times: 2, effect: secodaTooMany(1) });
    const said = await secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], new LoggingGate());
    expect([said, secoda.state.mailed]).toEqual([null, EMAILS]);
  });

  test('that could not even be sent is tried again, and nobody was invited in the end', async () => {
    const secoda = await aSecoda();
    secoda.state.addGroup({ name: 'Data' });
    const connection = aConnection(secoda);
    await secodaWorkspace(connection).users();
    await secoda.close();
    const gate = new LoggingGate();
    const error = await errorOf(secodaInviter(connection).invite(EMAILS, 'viewer', [], gate));
    expect(error).toBeInstanceOf(WriteError);
    expect(error.message).toContain('ECONNREFUSED');
    expect(gate.log.filter((line) => line === 'enter')).toHaveLength(3);
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

  test('is not sent when the lease is over', async () => {
    const secoda = await aSecoda();
    class Ended extends LoggingGate {
      override enter(): Promise<void> {
        return Promise.reject(new LeaseOver('over'));
      }
    }
    const inviter = secodaInviter(aConnection(secoda));
    expect(await errorOf(inviter.invite(EMAILS, 'viewer', [], new Ended()))).toBeInstanceOf(LeaseOver);
    expect(secoda.state.mailed).toEqual([]);
  });

  test('finds the form of the path that the server wants', async () => {
    const secoda = await aSecoda({ slash: 'with' });
    await secodaInviter(aConnection(secoda)).invite(EMAILS, 'viewer', [], new LoggingGate());
    expect(secoda.state.users.size).toBe(2);
  });
});
