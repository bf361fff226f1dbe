import { describe, expect, test } from 'vitest';
import { secodaInviter } from '../../../lambda/services/secoda/writer.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { AccessError, LeaseOver, WriteError } from '../../../lambda/errors.ts';
import {
  hangBeforeHeaders,
  hangMidBody,
  html,
  resetAfter,
  resetBefore,
  type SecodaEmulator,
  secodaTooMany,
  status,
} from '../../emulators/index.ts';
import { atRest } from '../../time/under-way.ts';
import { aConnection, aSecoda, errorOf, LoggingGate, optionsFor } from './setup.ts';

const INVITE = 'secoda.user.invite';
const ADA = { email: 'ada@acme.com', role: 'viewer', teams: [], groupIds: [] };
const BOB = { ...ADA, email: 'bob@acme.com' };

/** What was sent, in order. */
function bodies(secoda: SecodaEmulator): unknown[] {
  return secoda.requests.flatMap(({ route, body }): unknown[] =>
    route === INVITE ? [JSON.parse(body)] : [],
  );
}

describe('an invitation', () => {
  test('is one metered call, with role, groups and teams', async () => {
    const secoda = await aSecoda();
    const { id } = secoda.state.addGroup({ name: 'Data' });
    const gate = new LoggingGate();
    const guest = { ...ADA, role: 'guest', teams: ['team'], groupIds: [id] };
    expect(await secodaInviter(aConnection(secoda)).invite(guest, gate)).toBeNull();
    expect(gate.log).toEqual(['enter', 'leave']);
    expect(bodies(secoda)).toEqual([
      { email: 'ada@acme.com', role: 'guest', user_groups: [id], teams: ['team'] },
    ]);
    expect(secoda.state.memberEmails('Data')).toEqual(['ada@acme.com']);
  });

  test('is tried in the older form where the first is refused, and then sent in that form alone', async () => {
    const secoda = await aSecoda({ invitationForm: 'guide' });
    const inviter = secodaInviter(aConnection(secoda));
    expect(await inviter.invite(ADA, new LoggingGate())).toBeNull();
    expect(await inviter.invite(BOB, new LoggingGate())).toBeNull();
    expect(bodies(secoda)).toEqual([
      { email: 'ada@acme.com', role: 'viewer', user_groups: [] },
      { emails: ['ada@acme.com'], role: 'viewer', groups: [] },
      { emails: ['bob@acme.com'], role: 'viewer', groups: [] },
    ]);
    expect(secoda.state.mailed).toEqual(['ada@acme.com', 'bob@acme.com']);
  });

  test.each([
    ['for its address', { email: 'ada@else.com' }, {}],
    ['for its role', { role: 'emperor' }, {}],
    ['for want of a team', { role: 'guest' }, {}],
    ['by a server that would make somebody of anything', { role: 'emperor' }, { invitationForm: 'careless' }],
  ] as const)('that is refused %s is not tried in another form', async (_, odd, options) => {
    const secoda = await aSecoda({ allowedDomains: ['acme.com'], ...options });
    const inviter = secodaInviter(aConnection(secoda));
    expect(await errorOf(inviter.invite({ ...ADA, ...odd }, new LoggingGate()))).toBeInstanceOf(WriteError);
    expect(bodies(secoda)).toHaveLength(1);
    expect(secoda.state.users.size).toBe(0);
  });

  test.each([400, 422])(
    'that is refused with a %i which says nothing is tried in the other form',
    async (code) => {
      const secoda = await aSecoda({ invitationForm: 'guide' });
      secoda.faults.add({ on: INVITE, effect: status(code, { detail: 'No.' }) });
      expect(await secodaInviter(aConnection(secoda)).invite(ADA, new LoggingGate())).toBeNull();
      expect(bodies(secoda)).toHaveLength(2);
    },
  );

  test.each([409, 413, 500])('that ends in a %i is not tried in another form', async (code) => {
    const secoda = await aSecoda({ invitationForm: 'guide' });
    secoda.faults.add({ on: INVITE, effect: status(code) });
    await secodaInviter(aConnection(secoda))
      .invite(ADA, new LoggingGate())
      .catch(() => null);
    expect(bodies(secoda)).toHaveLength(1);
  });

  test('is not tried in another form once the first was accepted', async () => {
    const secoda = await aSecoda();
    const inviter = secodaInviter(aConnection(secoda));
    await inviter.invite(ADA, new LoggingGate());
    secoda.faults.add({ on: INVITE, effect: status(400, { detail: 'No.' }) });
    expect(await errorOf(inviter.invite(BOB, new LoggingGate()))).toBeInstanceOf(WriteError);
    expect(bodies(secoda)).toHaveLength(2);
  });

  test('is not believed where the answer does not show the person', async () => {
    const secoda = await aSecoda({ invitationAnswer: 'nothing' });
    expect(await secodaInviter(aConnection(secoda)).invite(ADA, new LoggingGate())).toBe(
      'POST /api/v1/user was answered 201 without that address ({})',
    );
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
    const said = await secodaInviter(aConnection(secoda)).invite(ADA, gate);
    expect(said).toMatch(/^POST /);
    expect(secoda.requests.filter(({ route }) => route === INVITE)).toHaveLength(1);
    expect(secoda.state.mailed).toEqual(effective === 1 ? [ADA.email] : []);
    expect(gate.log).toEqual(['enter', 'leave']);
  });

  test('is sent again after a 429, which has no effect', async () => {
    const secoda = await aSecoda();
    secoda.faults.add({ on: INVITE, times: 2, effect: secodaTooMany(1) });
    const said = await secodaInviter(aConnection(secoda)).invite(ADA, new LoggingGate());
    expect([said, secoda.state.mailed]).toEqual([null, [ADA.email]]);
  });

  test('that could not even be sent is tried again, and nobody was invited in the end', async () => {
    const secoda = await aSecoda();
    secoda.state.addGroup({ name: 'Data' });
    const waits: unknown[] = [];
    const connection = aConnection(secoda, { onProgress: (event) => waits.push(event) });
    await secodaWorkspace(connection).users();
    await secoda.close();
    // Until it was noticed here that the connection is gone.
    await atRest();
    const gate = new LoggingGate();
    const error = await errorOf(secodaInviter(connection).invite(ADA, gate));
    expect(error).toBeInstanceOf(WriteError);
    expect(error.message).toContain('ECONNREFUSED');
    expect(gate.log.filter((line) => line === 'enter')).toHaveLength(3);
    const wait = { kind: 'wait', reason: 'failure', ms: 1_000 };
    expect([waits, connection.traffic().retries]).toEqual([[wait, wait], 2]);
  });

  test('that Secoda refuses says what Secoda said', async () => {
    const secoda = await aSecoda();
    const error = await errorOf(
      secodaInviter(aConnection(secoda)).invite({ ...ADA, role: 'emperor' }, new LoggingGate()),
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
    expect(await errorOf(inviter.invite(ADA, new LoggingGate()))).toBeInstanceOf(AccessError);
  });

  test('is not sent when the lease is over', async () => {
    const secoda = await aSecoda();
    class Ended extends LoggingGate {
      override enter(): Promise<void> {
        return Promise.reject(new LeaseOver('over'));
      }
    }
    const inviter = secodaInviter(aConnection(secoda));
    expect(await errorOf(inviter.invite(ADA, new Ended()))).toBeInstanceOf(LeaseOver);
    expect(secoda.state.mailed).toEqual([]);
  });

  test('finds the form of the path that the server wants', async () => {
    const secoda = await aSecoda({ slash: 'with' });
    await secodaInviter(aConnection(secoda)).invite(ADA, new LoggingGate());
    expect(secoda.state.users.size).toBe(1);
  });
});
