import { describe, expect, test } from 'vitest';
import { secodaAdder } from '../../../lambda/services/secoda/writer.ts';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { WriteError } from '../../../lambda/errors.ts';
import { status } from '../../emulators/index.ts';
import { aConnection, aSecoda, errorOf, LoggingGate } from './setup.ts';

describe('the adder', () => {
  test('keeps name, description and everyone who is there, hidden people too', async () => {
    const secoda = await aSecoda();
    const [ada, bob] = ['ada', 'bob'].map((name) => secoda.state.addUser({ email: `${name}@acme.com` }));
    const robot = secoda.state.addUser({ email: null, hidden: true });
    if (!ada || !bob) throw new Error('nobody is there');
    const group = secoda.state.addGroup({ name: 'Data', description: 'By hand', users: [ada, robot] });
    const gate = new LoggingGate();
    const added = await secodaAdder(aConnection(secoda)).add(group.id, [bob.id, ada.id], new Set(), gate);
    expect(JSON.parse(secoda.requests.at(-1)?.body ?? '')).toEqual({ users: [ada.id, robot.id, bob.id] });
    expect(added.group.userIds).toEqual([ada.id, robot.id, bob.id]);
    expect(group).toMatchObject({ name: 'Data', description: 'By hand' });
    expect(gate.log).toEqual(['enter', 'leave']);
  });

  test('writes nothing when everyone is there', async () => {
    const secoda = await aSecoda();
    const ada = secoda.state.addUser({ email: 'ada@acme.com' });
    const group = secoda.state.addGroup({ name: 'Data', users: [ada] });
    const gate = new LoggingGate();
    const added = await secodaAdder(aConnection(secoda)).add(group.id, [ada.id], new Set(), gate);
    expect(added).toMatchObject({ group: { id: group.id }, doubt: null });
    expect(gate.log).toEqual([]);
    expect(secoda.state.writes).toEqual([]);
  });

  test('takes a group as it was just read, and reads it no second time', async () => {
    const secoda = await aSecoda();
    const [ada, bob] = ['ada', 'bob'].map((name) => secoda.state.addUser({ email: `${name}@acme.com` }));
    if (!ada || !bob) throw new Error('nobody is there');
    const { id } = secoda.state.addGroup({ name: 'Data', users: [ada] });
    const connection = aConnection(secoda);
    const read = await secodaWorkspace(connection).group(id);
    if (read === null) throw new Error('it is not there');
    await secodaAdder(connection).add(id, [bob.id], new Set(), new LoggingGate(), read);
    expect(secoda.requests.map(({ method }) => method)).toEqual(['GET', 'PATCH']);
    expect(secoda.state.memberEmails('Data')).toEqual(['ada@acme.com', 'bob@acme.com']);
  });

  test('leaves out whom it is told to, new people and members', async () => {
    const secoda = await aSecoda();
    const [ada, bob, cy] = ['ada', 'bob', 'cy'].map((name) =>
      secoda.state.addUser({ email: `${name}@acme.com` }),
    );
    if (!ada || !bob || !cy) throw new Error('nobody is there');
    const group = secoda.state.addGroup({ name: 'Data', users: [ada] });
    const leftOut = new Set([ada.id, cy.id]);
    await secodaAdder(aConnection(secoda)).add(group.id, [bob.id, cy.id], leftOut, new LoggingGate());
    expect(secoda.state.memberEmails('Data')).toEqual(['bob@acme.com']);
  });

  test('writes nothing where the group is gone or cannot be read', async () => {
    const secoda = await aSecoda();
    secoda.state.addGroup({ name: 'Other' });
    const adder = secodaAdder(aConnection(secoda));
    const gone = await errorOf(
      adder.add('11111111-1111-4111-8111-111111111111', ['x'], new Set(), new LoggingGate()),
    );
    expect(gone).toMatchObject({ name: 'WriteError', server: false });
    secoda.faults.add({ on: 'secoda.group.get', times: Infinity, effect: status(500) });
    const broken = await errorOf(
      adder.add('11111111-1111-4111-8111-111111111111', ['x'], new Set(), new LoggingGate()),
    );
    expect(broken).toBeInstanceOf(WriteError);
    expect(broken).toMatchObject({ server: true });
    expect(secoda.state.writes).toEqual([]);
  });
});
