/** An event of Okta's System Log as EventBridge passes it on. */
export function oktaEvent(eventType: string, target: unknown, result = 'SUCCESS'): object {
  return {
    version: '0',
    id: '6a7e8feb-b491-4cf7-a9f1-bf3703467718',
    'detail-type': 'SystemLog',
    source: 'aws.partner/okta.com/acme/sync',
    account: '123456789012',
    time: '2026-01-02T03:04:05Z',
    region: 'eu-west-1',
    resources: [],
    detail: {
      uuid: 'd1f6b2c0-0000-11f0-8de9-0242ac120002',
      published: '2026-01-02T03:04:05.678Z',
      eventType,
      severity: 'INFO',
      actor: { id: '00uadmin', type: 'User', alternateId: 'admin@acme.example', displayName: 'Admin' },
      outcome: { result, reason: null },
      target,
    },
  };
}

export function userTarget(id: string, alternateId = `${id}@acme.example`): object {
  return { id, type: 'User', alternateId, displayName: 'Somebody', detailEntry: null };
}

export function groupTarget(id: string): object {
  return { id, type: 'UserGroup', alternateId: 'unknown', displayName: 'Some group', detailEntry: null };
}

/** Somebody came into a group. */
export function joined(groupId: string, userId = '00u1'): object {
  return oktaEvent('group.user_membership.add', [userTarget(userId), groupTarget(groupId)]);
}

export function hired(...emails: readonly unknown[]): object {
  return { source: 'hr.onboarding', 'detail-type': 'Hired', detail: { emails } };
}
