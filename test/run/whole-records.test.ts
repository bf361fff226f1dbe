import { expect, it } from 'vitest';
import { drifted } from './night.ts';

it('the records of a night tell what it did, in words and for a spreadsheet', async () => {
  const stand = await drifted();
  await stand.told('apply', '--reason', 'CHG-1');
  await stand.told('apply', '--group', 'New');
  const answers = [];
  for (const line of [
    'history',
    'history --csv',
    'history p0@acme.com',
    'history p0@acme.com --csv',
    'history --verify',
    'history --verify --csv',
    'history --unmatched --csv',
    'show',
    'show --group New',
    `show 20260101T000001Z --group Group\u00a0A --group Nobody${'x'.repeat(70)}`,
    'show 20260101T000001Z --group Group\u00a0A --members',
  ])
    answers.push({
      line,
      ...(await stand.told(...line.split(' ').map((word) => word.replace('\u00a0', ' ')))),
    });
  expect(answers).toEqual([
    {
      line: 'history',
      code: 0,
      stderr: '',
      lines: [
        '2026-01-01 00:00  RUN  apply  in-sync  no change        0 unmatched  terminal: ada; only New',
        '2026-01-01 00:00  RUN  apply  applied  4 groups, +3 −3  0 unmatched  terminal: ada; “CHG-1”',
      ],
    },
    {
      line: 'history --csv',
      code: 0,
      stderr: '',
      lines: [
        '"startedAt","runId","mode","status","create","update","delete","add","remove","unmatched","trigger","requestedBy","reason","approve"',
        '"2026-01-01T00:00:02.000Z","RUN","apply","in-sync","0","0","0","0","0","0","terminal","ada","",""',
        '"2026-01-01T00:00:01.000Z","RUN","apply","applied","1","2","1","3","3","0","terminal","ada","CHG-1",""',
      ],
    },
    {
      line: 'history p0@acme.com',
      code: 0,
      stderr: '',
      lines: [
        '2026-01-01 00:00  − revoked  p0@acme.com  Group A  not in the Okta group     run RUN  asked for by ada',
        '2026-01-01 00:00  + granted  p0@acme.com  New      in the Okta group         run RUN  asked for by ada',
        '2026-01-01 00:00  − revoked  p0@acme.com  Group C  their Okta group is gone  run RUN  asked for by ada',
      ],
    },
    {
      line: 'history p0@acme.com --csv',
      code: 0,
      stderr: '',
      lines: [
        '"at","runId","change","email","oktaId","okta","group","secodaId","cause","outcome","requestedBy","digest","approvedBy"',
        '"2026-01-01T00:00:01.000Z","RUN","revoked","p0@acme.com","okta p0@acme.com","p0@acme.com","Group A","secoda Group A","not-in-group","applied","ada","",""',
        '"2026-01-01T00:00:01.000Z","RUN","granted","p0@acme.com","","","New","secoda New","in-group","applied","ada","",""',
        '"2026-01-01T00:00:01.000Z","RUN","revoked","p0@acme.com","okta p0@acme.com","p0@acme.com","Group C","secoda Group C","group-gone","applied","ada","",""',
      ],
    },
    {
      line: 'history --verify',
      code: 0,
      stderr: '',
      lines: [
        'Entries 1 to 5 are whole, and so are the plans and reports they name.',
        'hash of entry 5: HASH',
      ],
    },
    {
      line: 'history --verify --csv',
      code: 0,
      stderr: '',
      lines: ['"from","to","hash","problem"', '"1","5","HASH",""'],
    },
    {
      line: 'history --unmatched --csv',
      code: 0,
      stderr: '',
      lines: ['"email","since","runs","reason","groups"'],
    },
    {
      line: 'show',
      code: 0,
      stderr: '',
      lines: [
        'RUN  2026-01-01T00:00:02.000Z  apply: in-sync',
        '  asked for by  terminal: ada; only New',
        '  digest        e3b0c44298fc1c14',
        'In sync: nothing to do.',
        '0 changes; 1 group unchanged; members +0 −0; 0 unmatched, 0 resolved',
        'record: RUNS/RUN/',
      ],
    },
    {
      line: 'show --group New',
      code: 0,
      stderr: '',
      lines: [
        'RUN  2026-01-01T00:00:02.000Z  apply: in-sync',
        '  asked for by  terminal: ada; only New',
        '  digest        e3b0c44298fc1c14',
        'In sync: nothing to do.',
        '0 changes; 1 group unchanged; members +0 −0; 0 unmatched, 0 resolved',
        'record: RUNS/RUN/',
        'This run changed no group of the id or name "New"',
      ],
    },
    {
      line: 'show 20260101T000001Z --group Group A --group Nobodyxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx',
      code: 0,
      stderr: '',
      lines: [
        'RUN  2026-01-01T00:00:01.000Z  apply: applied',
        '  asked for by  terminal: ada; “CHG-1”',
        '  digest        a7aa9c34af28a049',
        '~ update  Group A  applied',
        '    its members differ (okta Group A)',
        '    - p0@acme.com  not in the Okta group',
        '1 change; 0 groups unchanged; members +3 −3; 0 unmatched, 0 resolved',
        'record: RUNS/RUN/',
        'This run changed no group of the id or name "Nobodyxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx…',
      ],
    },
    {
      line: 'show 20260101T000001Z --group Group A --members',
      code: 0,
      stderr: '',
      lines: [
        'Group A after run RUN (2026-01-01T00:00:01.000Z): 1 member, by the record of RUN',
        '  p1@acme.com',
      ],
    },
  ]);
});

it('doctor tells all that it looked at, and asks for no more than that', async () => {
  const stand = await drifted();
  expect(await stand.told('doctor')).toEqual({
    code: 0,
    stderr: 'Okta is asked at OKTA: OKTA_ORG_URL goes before the configuration.\n',
    lines: [
      'checking Okta and Secoda',
      '✓ Configuration      complete, and credentials for both sides are there',
      '✓ Archive            RUNS/ can be written',
      '✓ Okta: address      OKTA answers',
      "✓ Okta: clock        Okta's clock is 1 s ahead of this machine's",
      '✓ Okta: credentials  accepted',
      '✓ Okta: groups       4 groups on the first page',
      '✓ Okta: pages        paging works',
      '✓ Okta: members      2 people on the first page of the group okta Group A',
      '✓ Okta: changes      Okta reports changed people, so unchanged groups can be skipped',
      '✓ Secoda: address    SECODA answers',
      "✓ Secoda: clock      Secoda's clock is 0 s ahead of this machine's",
      '✓ Secoda: API key    accepted; whether it may change groups is for doctor --probe to show',
      '✓ Secoda: paths      requests use no trailing slash',
      '✓ Secoda: users      3 listed, 0 without an address, 0 not active, 0 service accounts; told by pending, disabled, is_service_account',
      '✓ Secoda: groups     3 listed, with 6 memberships',
      '✓ Secoda: pages      page_size is honoured; the next page is linked on the same origin',
      '✓ Rules              each matches something',
      '– Limits             no full run has left a plan in RUNS/ to hold them against',
    ],
  });
  expect(stand.asked()).toEqual({
    'okta.group.list': 4,
    'okta.group.users': 1,
    'okta.user.list': 2,
    'secoda.group.list': 3,
    'secoda.user.list': 4,
  });
});
