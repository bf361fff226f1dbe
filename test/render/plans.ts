import type { Change, Plan } from '../../lambda/core/plan/change.ts';
import type { Member, Removal } from '../../lambda/core/model/workspace.ts';
import { warningOf } from '../../lambda/core/model/warning.ts';

/** Makes plans for the tests of what a terminal shows. */
export function change(given: Partial<Change> & Pick<Change, 'action' | 'name'>): Change {
  return {
    oktaIds: ['00g1'],
    secodaId: given.action === 'create' ? null : 'g-1',
    adopted: false,
    known: false,
    renamedFrom: null,
    add: [],
    remove: [],
    reason: 'its members differ',
    before: null,
    content: null,
    superseded: false,
    handovers: [],
    wave: 0,
    again: false,
    ...given,
  };
}

export function plan(given: Partial<Plan> = {}): Plan {
  return {
    inScope: [],
    digest: '7f3a9c0b12d4e5f6',
    changes: [],
    unchanged: 8,
    skipped: [],
    warnings: [],
    unmatched: [],
    invitations: [],
    awaited: [],
    unsettled: [],
    frozen: [],
    baseline: { groupsInScope: 14, managedGroups: 12, memberships: 300 },
    missed: [],
    doubted: [],
    fighting: [],
    copies: [],
    ours: [],
    ...given,
  };
}

export function member(email: string | null, userId = `u-${email ?? 'hidden'}`): Member {
  return { userId, email };
}

export function removal(email: string | null, userId?: string): Removal {
  return { ...member(email, userId), ineligible: false };
}

/** `count` members with numbered addresses. */
export function people(count: number): Member[] {
  return Array.from({ length: count }, (_, index) =>
    member(`person${String(index + 1).padStart(2, '0')}@acme.com`),
  );
}

/** One of everything. */
export const RICH: Plan = plan({
  changes: [
    change({
      action: 'create',
      name: 'Analytics',
      oktaIds: ['00g1', '00g2'],
      add: [member('ada@acme.com'), member('bob@acme.com')],
      reason: 'new: has no Secoda group yet',
    }),
    change({
      action: 'update',
      name: 'Finance',
      oktaIds: ['00g3'],
      add: people(12),
      remove: [removal('dora@acme.com'), removal(null, 'u-77')],
    }),
    change({
      action: 'update',
      name: 'Business Intelligence',
      oktaIds: ['00g4'],
      renamedFrom: 'BI',
      reason: 'its name differs',
    }),
    change({
      action: 'update',
      name: 'Data Platform',
      oktaIds: ['00g5'],
      adopted: true,
      add: [member('eve@acme.com')],
      reason: 'adopts the hand-made group of this name; its members differ',
      before: { name: 'Data Platform', description: '', members: people(5) },
      content: { name: 'Data Platform', description: '', userIds: ['1', '2', '3', '4', '5', '6'] },
    }),
    change({
      action: 'delete',
      name: 'Legacy',
      oktaIds: ['00g6'],
      remove: [removal('finn@acme.com')],
      reason: '00g6 no longer exists in Okta',
    }),
  ],
  skipped: [
    {
      group: 'Sales',
      oktaIds: ['00g7', '00g8'],
      reason:
        '2 Okta groups arrive at this name without being mapped to it together; name each in groups.map',
    },
  ],
  warnings: [
    warningOf(
      'name-held',
      { group: 'Ops', oktaIds: ['00g9'] },
      'another Secoda group bears the name “Operations” already',
    ),
  ],
  unmatched: [
    {
      email: 'gus@acme.com',
      groups: ['Analytics', 'Finance', 'Ops', 'Sales', 'Legal'],
      reason: 'no-account',
    },
    { email: 'a-much-longer-address@subsidiary.acme.com', groups: ['Ops'], reason: 'no-account' },
    { email: 'hal@acme.com', groups: ['Ops'], reason: 'ambiguous' },
    { email: '00u5', groups: ['Ops'], reason: 'no-email' },
  ],
  unsettled: [{ email: 'ivy@acme.com', groups: ['Finance'] }],
});
