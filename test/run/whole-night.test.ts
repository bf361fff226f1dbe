import { expect, it } from 'vitest';
import { drifted, named } from './night.ts';
import { smallWorld } from './small-world.ts';

it('a run on a terminal tells all that it reads, plans, writes and asks for', async () => {
  const stand = await drifted();
  expect(await stand.told('apply', '--reason', 'CHG-1')).toEqual({
    code: 0,
    stderr: 'Okta is asked at OKTA: OKTA_ORG_URL goes before the configuration.\n',
    lines: [
      'reading Okta and Secoda',
      'reading Okta groups: 4',
      'reading Secoda accounts: 3',
      'reading Secoda groups: 3',
      'reading members of Okta groups: 1 of 4',
      'reading members of Okta groups: 2 of 4',
      'reading members of Okta groups: 3 of 4',
      'reading members of Okta groups: 4',
      'Okta    4 groups listed, 4 in scope',
      'Secoda  3 groups, 3 of them managed or about to be adopted; 3 accounts',
      '~ update  Group A   −1  its members differ (okta Group A)',
      '          - p0@acme.com  not in the Okta group',
      '~ update  Group B   +1  its members differ (okta Group B)',
      '          + hire@acme.com',
      '+ create  New       +2  new: has no Secoda group yet (okta New)',
      '          + p0@acme.com',
      '          + p1@acme.com',
      '- delete  Group C   −2  okta Group C no longer exists in Okta',
      '          - p0@acme.com  their Okta group is gone',
      '          - p1@acme.com  their Okta group is gone',
      'Frozen: 1 group is left as it is',
      '  Frozen (okta Frozen): nobody would lose access',
      'To be invited: 1 person without a Secoda account',
      '  → each can cost a seat; after all changes, into the groups they belong into',
      '  lonely@acme.com  in Group A',
      'Plan: 1 to create, 2 to update, 1 to delete, 0 unchanged, 0 skipped; members +3 −3; 0 unmatched; 1 to invite; digest a7aa9c34af28a049',
      '✓ 1/4 updated Group A (−1)',
      'writing: 1 of 4',
      '✓ 2/4 updated Group B (+1)',
      'writing: 2 of 4',
      '✓ 3/4 created New (+2)',
      'writing: 3 of 4',
      '✓ 4/4 deleted Group C (−2)',
      'inviting: 1',
      'Applied: all changes were made, and Secoda shows them.',
      '9 Okta reads, 7 Secoda reads, 5 writes, 0.0 s; record: RUNS/RUN/',
    ],
  });
  expect(stand.asked()).toEqual({
    'okta.group.get': 2,
    'okta.group.list': 2,
    'okta.group.users': 5,
    'secoda.group.create': 1,
    'secoda.group.delete': 1,
    'secoda.group.list': 4,
    'secoda.group.update': 2,
    'secoda.user.invite': 1,
    'secoda.user.list': 3,
  });
  expect(await stand.told('apply')).toEqual({
    code: 0,
    stderr: 'Okta is asked at OKTA: OKTA_ORG_URL goes before the configuration.\n',
    lines: [
      'reading Okta and Secoda',
      'reading Okta groups: 4',
      'reading Secoda accounts: 4',
      'reading Secoda groups: 3',
      'reading members of Okta groups: 1 of 4',
      'reading members of Okta groups: 2 of 4',
      'reading members of Okta groups: 3 of 4',
      'reading members of Okta groups: 4',
      'Okta    4 groups listed, 4 in scope',
      'Secoda  3 groups, 3 of them managed or about to be adopted; 4 accounts',
      'Frozen: 1 group is left as it is',
      '  Frozen (okta Frozen): nobody would lose access',
      'Invited: 1 person who have not signed in yet',
      '  → their groups are completed after their first sign-in',
      '  lonely@acme.com  in Group A',
      'Plan: 0 to create, 0 to update, 0 to delete, 3 unchanged, 0 skipped; members +0 −0; 0 unmatched',
      'In sync: nothing to do.',
      '5 Okta reads, 2 Secoda reads, 0 writes, 0.0 s; record: RUNS/RUN/',
    ],
  });
  expect(stand.asked()).toEqual({
    'okta.group.list': 1,
    'okta.group.users': 4,
    'secoda.group.list': 1,
    'secoda.user.list': 1,
  });
});

it('a run leaves all of this behind', async () => {
  const stand = await drifted();
  await stand.told('apply', '--reason', 'CHG-1');
  expect(await stand.kept('state.json')).toEqual([
    '{"version":1,"unlistedSince":[],"doubtedSince":[],"fights":[],"copies":[],"lastRuns":{},"groups":[',
    '{"secodaId":"secoda Group B","via":"okta","oktaIds":["okta Group B"],"asked":"HASH","answered":"HASH","unsettled":[],"shortfall":null,"triedAt":1767225601000},',
    '{"secodaId":"secoda Group A","via":"okta","oktaIds":["okta Group A"],"asked":"HASH","answered":"HASH","unsettled":[],"shortfall":null,"triedAt":1767225601000},',
    '{"secodaId":"secoda New","via":"okta","oktaIds":["okta New"],"asked":"HASH","answered":"HASH","unsettled":[],"shortfall":null,"triedAt":1767225601000}',
    ']}',
  ]);
  expect(await stand.kept('invited.json')).toEqual([
    '{"version":1,"people":[{"via":"okta","email":"lonely@acme.com","at":1767225601000,"until":1769817601000,"sure":true}]}',
  ]);
  expect(await stand.kept('turn.json')).toEqual([
    '{"version":1,"holder":null,"takenAt":1767225601000,"expiresAt":0,"writes":[1767225601000,1767225601000,1767225601000,1767225601000],"sending":[],"blockedUntil":0,"waiting":[],"readMs":0}',
  ]);
  expect(await stand.kept('recent/okta.json')).toEqual([
    '{"version":1,"entries":[',
    '{"at":1767225601000,"runId":"RUN","approved":false,"removed":[["secoda Group A",["secoda p0@acme.com"]],["secoda Group C",["secoda p0@acme.com","secoda p1@acme.com"]]],"out":[],"deleted":["secoda Group C"],"granted":[["secoda Group B",["secoda hire@acme.com"]]],"adopted":[],"invited":[]},',
    '{"at":1767225601000,"runId":"RUN","approved":false,"removed":[],"out":[],"deleted":[],"granted":[],"adopted":[],"invited":["lonely@acme.com"]}',
    ']}',
  ]);
  expect(await stand.kept('reads/okta.json')).toEqual([
    '{"version":1,"org":"OKTA","asOf":1767225601500,"seal":"HASH"}',
    '{"people":[',
    '["okta p0@acme.com","ACTIVE","p0@acme.com","p0@acme.com"],',
    '["okta lonely@acme.com","ACTIVE","lonely@acme.com","lonely@acme.com"],',
    '["okta hire@acme.com","ACTIVE","hire@acme.com","hire@acme.com"],',
    '["okta p1@acme.com","ACTIVE","p1@acme.com","p1@acme.com"]',
    '],"lists":[',
    '["okta Group B","2026-01-01T00:00:00.000Z","2026-01-01T00:00:00.000Z",3,1767225601500,"ABA"],',
    '["okta Group A","2026-01-01T00:00:00.000Z","2026-01-01T00:00:00.000Z",2,1767225601500,"BB"],',
    '["okta Frozen","2026-01-01T00:00:00.000Z","2026-01-01T00:00:00.000Z",1,1767225601500,"B"],',
    '["okta New","2026-01-01T00:00:00.000Z","2026-01-01T00:00:00.000Z",2,1767225601500,"AC"]',
    '],"formerly":[]}',
  ]);
  expect(await stand.kept('reads/okta.short-way.json')).toEqual([
    '{"complete":{"basis":"VERSION HASH","seenUntil":1767225600000,"leftAlone":["okta Frozen"],"idle":[]},"pageSizes":{}}',
  ]);
  expect(await stand.kept('history/head.json')).toEqual([
    '{"before":null,"runs":[',
    '{"runId":"RUN","startedAt":"2026-01-01T00:00:01.000Z","mode":"apply","status":"applied","digest":"a7aa9c34af28a049","request":{"trigger":"terminal","requestedBy":"ada","reason":"CHG-1","groups":[],"approve":null,"awsRequestId":null,"full":false,"dryRun":false,"functionArn":null,"version":"VERSION","config":"HASH"},"summary":{"groups":{"create":1,"update":2,"delete":1,"unchanged":0,"skipped":0},"members":{"add":3,"remove":3},"unmatched":0,"invited":1},"error":null}',
    ']}',
  ]);
  expect(await stand.kept('ledger/okta/000001.json')).toEqual([
    '{"number":1,"before":null,"at":"2026-01-01T00:00:01.000Z","runId":"RUN","open":[1],"kind":"intents","request":{"trigger":"terminal","requestedBy":"ada","reason":"CHG-1","approve":null,"awsRequestId":null},"access":[{"change":"revoked","person":{"userId":"secoda p0@acme.com","email":"p0@acme.com","oktaId":"okta p0@acme.com","okta":"p0@acme.com"},"group":{"secodaId":"secoda Group A","name":"Group A","oktaIds":["okta Group A"]},"cause":"not-in-group"},{"change":"granted","person":{"userId":"secoda hire@acme.com","email":"hire@acme.com","oktaId":null,"okta":null},"group":{"secodaId":"secoda Group B","name":"Group B","oktaIds":["okta Group B"]},"cause":"in-group"},{"change":"granted","person":{"userId":"secoda p0@acme.com","email":"p0@acme.com","oktaId":null,"okta":null},"group":{"secodaId":null,"name":"New","oktaIds":["okta New"]},"cause":"in-group"},{"change":"granted","person":{"userId":"secoda p1@acme.com","email":"p1@acme.com","oktaId":null,"okta":null},"group":{"secodaId":null,"name":"New","oktaIds":["okta New"]},"cause":"in-group"},{"change":"revoked","person":{"userId":"secoda p0@acme.com","email":"p0@acme.com","oktaId":"okta p0@acme.com","okta":"p0@acme.com"},"group":{"secodaId":"secoda Group C","name":"Group C","oktaIds":["okta Group C"]},"cause":"group-gone"},{"change":"revoked","person":{"userId":"secoda p1@acme.com","email":"p1@acme.com","oktaId":"okta p1@acme.com","okta":"p1@acme.com"},"group":{"secodaId":"secoda Group C","name":"Group C","oktaIds":["okta Group C"]},"cause":"group-gone"}]}',
  ]);
  expect(await stand.kept('ledger/okta/000002.json')).toEqual([
    '{"number":2,"before":"HASH","at":"2026-01-01T00:00:01.000Z","runId":"RUN","open":[],"kind":"outcomes","of":1,"request":{"trigger":"terminal","requestedBy":"ada","reason":"CHG-1","approve":null,"awsRequestId":null},"access":[{"change":"revoked","person":{"userId":"secoda p0@acme.com","email":"p0@acme.com","oktaId":"okta p0@acme.com","okta":"p0@acme.com"},"group":{"secodaId":"secoda Group A","name":"Group A","oktaIds":["okta Group A"]},"cause":"not-in-group","outcome":"applied"},{"change":"granted","person":{"userId":"secoda hire@acme.com","email":"hire@acme.com","oktaId":null,"okta":null},"group":{"secodaId":"secoda Group B","name":"Group B","oktaIds":["okta Group B"]},"cause":"in-group","outcome":"applied"},{"change":"granted","person":{"userId":"secoda p0@acme.com","email":"p0@acme.com","oktaId":null,"okta":null},"group":{"secodaId":"secoda New","name":"New","oktaIds":["okta New"]},"cause":"in-group","outcome":"applied"},{"change":"granted","person":{"userId":"secoda p1@acme.com","email":"p1@acme.com","oktaId":null,"okta":null},"group":{"secodaId":"secoda New","name":"New","oktaIds":["okta New"]},"cause":"in-group","outcome":"applied"},{"change":"revoked","person":{"userId":"secoda p0@acme.com","email":"p0@acme.com","oktaId":"okta p0@acme.com","okta":"p0@acme.com"},"group":{"secodaId":"secoda Group C","name":"Group C","oktaIds":["okta Group C"]},"cause":"group-gone","outcome":"applied"},{"change":"revoked","person":{"userId":"secoda p1@acme.com","email":"p1@acme.com","oktaId":"okta p1@acme.com","okta":"p1@acme.com"},"group":{"secodaId":"secoda Group C","name":"Group C","oktaIds":["okta Group C"]},"cause":"group-gone","outcome":"applied"}]}',
  ]);
  expect(await stand.kept('ledger/okta/000003.json')).toEqual([
    '{"number":3,"before":"HASH","at":"2026-01-01T00:00:01.000Z","runId":"RUN","open":[3],"kind":"intents","request":{"trigger":"terminal","requestedBy":"ada","reason":"CHG-1","approve":null,"awsRequestId":null},"access":[{"change":"invited","person":{"userId":null,"email":"lonely@acme.com","oktaId":null,"okta":null},"group":{"secodaId":"secoda Group A","name":"Group A","oktaIds":["okta Group A"]},"cause":"in-group"}]}',
  ]);
  expect(await stand.kept('ledger/okta/000004.json')).toEqual([
    '{"number":4,"before":"HASH","at":"2026-01-01T00:00:01.000Z","runId":"RUN","open":[],"kind":"outcomes","of":3,"request":{"trigger":"terminal","requestedBy":"ada","reason":"CHG-1","approve":null,"awsRequestId":null},"access":[{"change":"invited","person":{"userId":null,"email":"lonely@acme.com","oktaId":null,"okta":null},"group":{"secodaId":"secoda Group A","name":"Group A","oktaIds":["okta Group A"]},"cause":"in-group","outcome":"applied"}]}',
  ]);
  expect(await stand.kept('ledger/okta/000005.json')).toEqual([
    '{"number":5,"before":"HASH","at":"2026-01-01T00:00:01.000Z","runId":"RUN","open":[],"kind":"end","status":"applied","request":{"trigger":"terminal","requestedBy":"ada","reason":"CHG-1","approve":null,"awsRequestId":null},"plan":"HASH","report":"HASH","snapshot":"HASH"}',
  ]);
});

it('a run that writes more than a minute allows tells what it waits for, and reads again what it rests on', async () => {
  const stand = await named({});
  const { people } = smallWorld(stand, { groups: 2, people: 1 });
  for (let n = 0; n < 33; n++) stand.okta.state.addGroup({ name: `New ${n}`, members: [...people] });
  const { lines } = await stand.told('apply');
  const behind = lines.slice(lines.findIndex((line) => line.startsWith('✓ 28/33')));
  // Each of the two waits is counted down.
  const isOther = (line: string) => !/^waiting (?!41 |15 )/.test(line);
  expect(behind.filter(isOther)).toEqual([
    '✓ 28/33 created New 4 (+1)',
    'writing: 28 of 33',
    '✓ 29/33 created New 5 (+1)',
    'writing: 29 of 33',
    '✓ 30/33 created New 6 (+1)',
    'writing: 30 of 33',
    "waiting 41 s for Secoda's budget of writes a minute; writing: 30 of 33",
    "waiting 15 s for Secoda's budget of writes a minute; writing: 30 of 33",
    "waiting 15 s for Secoda's budget of writes a minute; writing: 30 of 33",
    'writing: 30 of 33, about 6 s left',
    '✓ 31/33 created New 7 (+1)',
    'writing: 31 of 33',
    '✓ 32/33 created New 8 (+1)',
    'writing: 32 of 33',
    '✓ 33/33 created New 9 (+1)',
    'Applied: all changes were made, and Secoda shows them.',
    '36 Okta reads, 5 Secoda reads, 33 writes, 60.3 s; record: RUNS/RUN/',
  ]);
  expect(stand.asked()).toEqual({
    'okta.group.list': 1,
    'okta.group.users': 35,
    'secoda.group.create': 33,
    'secoda.group.list': 4,
    'secoda.user.list': 1,
  });
});

it('an onboarding tells all that it looks up, gives and asks for', async () => {
  const stand = await drifted();
  await stand.told('apply');
  stand.asked();
  const hire = stand.okta.state.addUser({ email: 'new@acme.com' });
  stand.secoda.state.addUser({ email: 'new@acme.com' });
  for (const group of stand.okta.state.groups.values()) stand.okta.state.join(hire, group);
  expect(await stand.told('onboard', 'new@acme.com', 'nobody@acme.com')).toEqual({
    code: 0,
    stderr: 'Okta is asked at OKTA: OKTA_ORG_URL goes before the configuration.\n',
    lines: [
      'looking in Okta and Secoda',
      'reading Secoda accounts: 5',
      'reading Okta groups: 4',
      'reading Secoda groups: 3',
      'new@acme.com     group left alone: Frozen: it is frozen (groups.frozen)',
      '                 added to Group A',
      '                 added to Group B',
      '                 added to New',
      'nobody@acme.com  not in Okta',
      'Applied: all changes were made, and Secoda shows them.',
      '12 Okta reads, 8 Secoda reads, 3 writes, 0.0 s; record: RUNS/RUN/',
    ],
  });
  expect(stand.asked()).toEqual({
    'okta.group.list': 2,
    'okta.user.get': 3,
    'okta.user.groups': 2,
    'okta.user.list': 5,
    'secoda.group.get': 6,
    'secoda.group.list': 1,
    'secoda.group.update': 3,
    'secoda.user.list': 1,
  });
});
