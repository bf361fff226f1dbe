import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { merged, NOTHING } from '../../../lambda/aws/events/targets.ts';
import { readMessage } from '../../../lambda/aws/events/origin.ts';
import { groupTarget, hired, joined, oktaEvent, userTarget } from './okta-event.ts';

const read = (event: unknown) => readMessage(JSON.stringify(event));

describe('an event of Okta', () => {
  it.each([
    ['group.user_membership.add', []],
    ['group.user_membership.remove', ['00u1']],
  ])('%s names the group, whose members are read again, and whoever left it', (type, leaverIds) => {
    const targets = [userTarget('00u1'), groupTarget('00g1')];
    const hints = { ...NOTHING, oktaGroupIds: ['00g1'], leaverIds };
    expect(read(oktaEvent(type, targets)).hints).toEqual(hints);
    expect(read(oktaEvent(type, targets.toReversed())).hints).toEqual(hints);
  });

  it.each([
    ['group.lifecycle.create', []],
    ['group.lifecycle.delete', ['00g1']],
    ['group.profile.update', []],
  ])('%s names the group, and says whether it was deleted', (type, deletedGroupIds) => {
    const hints = { ...NOTHING, oktaGroupIds: ['00g1'], deletedGroupIds };
    expect(read(oktaEvent(type, [groupTarget('00g1')])).hints).toEqual(hints);
  });

  it.each([
    'user.lifecycle.activate',
    'user.lifecycle.deactivate',
    'user.lifecycle.suspend',
    'user.lifecycle.unsuspend',
    'user.lifecycle.delete.completed',
    'user.account.update_profile',
  ])('%s names the person by id and address', (type) => {
    const targets = [{ type: 'PasswordPolicy' }, userTarget('00u1', 'Ada@Acme.example')];
    expect(read(oktaEvent(type, targets))).toEqual({
      hints: { ...NOTHING, oktaUserIds: ['00u1'], emails: ['ada@acme.example'] },
      onboard: [],
      type,
      problem: null,
    });
  });

  it('names every group when it is about several', () => {
    const targets = ['00g2', '00g1', '00g2'].map(groupTarget);
    expect(read(oktaEvent('group.user_membership.add', targets)).hints.oktaGroupIds).toEqual([
      '00g1',
      '00g2',
    ]);
  });

  it('names a person by id alone when the login is no address', () => {
    const { hints } = read(oktaEvent('user.lifecycle.suspend', [userTarget('00u1', 'ada')]));
    expect(hints).toEqual({ ...NOTHING, oktaUserIds: ['00u1'] });
  });

  it.each([
    ['about something else', oktaEvent('user.session.start', [userTarget('00u1')])],
    ['that failed in Okta', oktaEvent('group.user_membership.add', [groupTarget('00g1')], 'FAILURE')],
    ['without targets', oktaEvent('user.lifecycle.deactivate', null)],
    ['with no target of its kind', oktaEvent('group.user_membership.add', [userTarget('00u1')])],
    ['with nothing as a target', oktaEvent('group.user_membership.add', [null, {}])],
    [
      'with an id that can be none',
      oktaEvent('group.lifecycle.create', [groupTarget('../x'), { ...groupTarget(''), id: 7 }]),
    ],
    ['about whoever asks Okta', oktaEvent('user.lifecycle.suspend', [userTarget('me', 'me')])],
  ])('%s names nothing and is no problem', (_, event) => {
    expect(read(event)).toMatchObject({ hints: NOTHING, onboard: [], problem: null });
  });
});

describe('an event of HR', () => {
  it('names the hires', () => {
    expect(read(hired('Grace@acme.example ', 'ada@acme.example', 'grace@acme.example'))).toEqual({
      hints: NOTHING,
      onboard: ['ada@acme.example', 'grace@acme.example'],
      type: 'hr.onboarding',
      problem: null,
    });
  });

  it('is a problem that repeats no address when one of them is none, and the others go on', () => {
    const message = read(hired('ada@acme.example', 'grace.acme.example', 7, 'a\u202eb@acme.example'));
    expect(message.onboard).toEqual(['ada@acme.example']);
    expect(message.problem).toBe('3 of 4 in detail.emails are no e-mail addresses');
  });
});

describe('a message', () => {
  it.each(['SystemLog', 'Okta Log Event', 'Anything', undefined])(
    'of Okta is known by its source and shape, whatever its detail-type (%s)',
    (type) => {
      const message = readMessage(JSON.stringify({ ...joined('00g1'), 'detail-type': type }));
      expect(message).toMatchObject({ hints: { oktaGroupIds: ['00g1'] }, problem: null });
    },
  );

  it.each(['add', 'remove'])(
    'of Okta that a group is assigned to an app or not (%s) names the group',
    (what) => {
      const event = {
        source: 'aws.partner/okta.com/acme/sync',
        'detail-type': 'SystemLog',
        detail: {
          eventType: `group.application_assignment.${what}`,
          outcome: { result: 'SUCCESS' },
          target: [
            { id: '0oa1', type: 'AppInstance' },
            { id: '00g1', type: 'UserGroup' },
          ],
        },
      };
      expect(readMessage(JSON.stringify(event)).hints.oktaGroupIds).toEqual(['00g1']);
    },
  );

  it.each([
    ['no JSON', 'ada@acme.example'],
    ['nothing', ''],
    ['no object', '[]'],
    ['without source', '{"detail":{}}'],
    ['of an unknown source', '{"source":"aws.s3","detail":{}}'],
    [
      'of a source that only begins like Okta',
      JSON.stringify({ ...joined('00g1'), source: 'aws.partner/okta.com.evil/x' }),
    ],
    ['of Okta without a type', '{"source":"aws.partner/okta.com/a","detail-type":"SystemLog","detail":{}}'],
    ['of HR without people', JSON.stringify(hired())],
    ['of HR without detail', '{"source":"hr.onboarding"}'],
  ])('that is %s names nothing and says why', (_, body) => {
    const message = readMessage(body);
    expect(message).toMatchObject({ hints: NOTHING, onboard: [] });
    expect(message.problem).toMatch(/\w/);
    expect(message.problem).not.toContain('@');
  });
});

describe('hints', () => {
  it('of any events in any order, each any number of times, are the same', () => {
    const type = fc.constantFrom(
      'group.user_membership.add',
      'group.user_membership.remove',
      'group.lifecycle.delete',
      'user.lifecycle.deactivate',
      'user.session.start',
    );
    const target = fc.nat(5).chain((at) => fc.constantFrom(userTarget(`00u${at}`), groupTarget(`00g${at}`)));
    const event = fc
      .tuple(type, fc.option(fc.array(target, { maxLength: 3 })))
      .map(([name, targets]) => oktaEvent(name, targets));
    const shuffled = fc
      .array(event, { minLength: 1, maxLength: 12 })
      .chain((events) =>
        fc.tuple(
          fc.constant(events),
          fc.shuffledSubarray([...events, ...events], { minLength: events.length * 2 }),
        ),
      );
    const all = (events: readonly object[]) => merged(events.map((each) => read(each).hints));
    fc.assert(
      fc.property(shuffled, ([events, again]) => {
        expect(all(again)).toEqual(all(events));
      }),
    );
  });
});
