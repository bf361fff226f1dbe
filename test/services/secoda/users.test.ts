import { describe, expect, test } from 'vitest';
import { secodaWorkspace } from '../../../lambda/services/secoda/workspace.ts';
import { isJsonObject, type Json, type JsonObject, rewrite } from '../../emulators/index.ts';
import { aConnection, aSecoda, errorOf } from './setup.ts';

/** Reads a list of one user, of whom Secoda says just this about whether they are active. */
async function readWith(fields: JsonObject) {
  const secoda = await aSecoda({ userFields: 'none' });
  secoda.state.addUser({ email: 'ada@acme.example' });
  const said = (row: Json) => (isJsonObject(row) ? { ...row, ...fields } : row);
  const effect = rewrite((reply) => {
    const { body } = reply;
    if (!isJsonObject(body) || !Array.isArray(body.results)) return reply;
    return { ...reply, body: { ...body, results: body.results.map(said) } };
  });
  secoda.faults.add({ on: 'secoda.user.list', times: Infinity, effect });
  return secodaWorkspace(aConnection(secoda)).users();
}

test.each([null, '', ' ', 'None', 'none'])('a user with the address %j has none', async (email) => {
  expect(await readWith({ email, pending: false })).toMatchObject([{ email: null }]);
});

describe('a user of whom Secoda says', () => {
  test.each<[JsonObject, boolean | null]>([
    [{ pending: false, disabled: false }, true],
    [{ pending: true, disabled: false }, false],
    [{ pending: false, disabled: true }, false],
    [{ pending: 'False', disabled: false }, true],
    [{ pending: 'True' }, false],
    [{ pending: ' TRUE ' }, false],
    [{ pending: 'false', disabled: 'true' }, false],
    [{ pending: 'None', disabled: false }, true],
    [{ disabled: true }, false],
    [{ pending: null, disabled: null }, null],
    [{ pending: '', disabled: 'none' }, null],
    [{}, null],
    [{ is_active: true }, true],
    [{ is_active: 'False' }, false],
    [{ is_active: null }, null],
    [{ pending: null, is_active: false }, false],
    [{ pending: false, is_active: false }, true],
    [{ disabled: true, is_active: true }, false],
  ])('%j is active: %s', async (fields, active) => {
    expect(await readWith(fields)).toMatchObject([{ active }]);
  });

  test.each<[JsonObject, boolean]>([
    [{ is_service_account: true }, true],
    [{ is_service_account: 'True' }, true],
    [{ is_service_account: 'False' }, false],
    [{ is_service_account: null }, false],
    [{}, false],
  ])('%j is a service account: %s', async (fields, service) => {
    const [user] = await readWith(fields);
    expect(user?.service ?? false).toBe(service);
  });

  test.each(['pending', 'disabled', 'is_service_account', 'is_active'])(
    'something else as %s is a broken read',
    async (field) => {
      for (const value of ['maybe', 1, {}]) {
        const error = await errorOf(readWith({ [field]: value }));
        expect(error.message).toContain(`results[0].${field}: expected true, false or null, got`);
      }
    },
  );
});

test.each(['published', 'pending as text', 'is_active'] as const)(
  'who has not signed in or is suspended is not active, where Secoda tells it by %s',
  async (userFields) => {
    const secoda = await aSecoda({ userFields });
    for (const fields of [{}, { pending: true }, { disabled: true }])
      secoda.state.addUser({ email: null, ...fields });
    const users = await secodaWorkspace(aConnection(secoda)).users();
    expect(users.map(({ active }) => active)).toEqual([true, false, false]);
  },
);
