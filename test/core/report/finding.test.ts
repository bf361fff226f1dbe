import { expect, it } from 'vitest';
import {
  answersText,
  bad,
  clockFinding,
  fine,
  UNKNOWNS,
  untold,
} from '../../../lambda/core/report/finding.ts';

it('a finding is well, not well, or could not be told', () => {
  expect(fine('Okta: rights', 'all')).toEqual({ check: 'Okta: rights', ok: true, detail: 'all', fix: null });
  const denied = { check: 'Okta: rights', ok: false, detail: 'none', fix: 'Grant them.' };
  expect(bad('Okta: rights', 'none', 'Grant them.')).toEqual(denied);
  expect(bad('Okta: rights', 'none', 'Grant them.', true)).toEqual({ ...denied, denied: true });
  expect(untold('Okta: rights')).toMatchObject({ ok: null, detail: 'skipped: an earlier check failed' });
});

it.each([
  [0, true, "Okta's clock is 0 s ahead of this machine's"],
  [60_000, true, "Okta's clock is 60 s ahead of this machine's"],
  [-60_000, true, "Okta's clock is 60 s behind this machine's"],
  [60_001, false, "Okta's clock is 60 s ahead of this machine's"],
  [-90_000, false, "Okta's clock is 90 s behind this machine's"],
])('a clock that is %i ms ahead is told', (skewMs, ok, detail) => {
  const fix = ok ? null : "Set this machine's clock (NTP).";
  expect(clockFinding('Okta', skewMs)).toEqual({ check: 'Okta: clock', ok, detail, fix });
});

it('what a probe told is a block that can be sent back, without names, ids and addresses', () => {
  const findings = [
    fine('Secoda: members of a group', 'it replaces “Data” (0b8f3c1e-aaaa-bbbb-cccc-0123456789ab)'),
    bad('Secoda: updated_at', 'a@b.c at https://api.secoda.co/x says 00u1234567890abcdefg', null),
    untold('Secoda: paths', 'nobody knows'),
  ];
  const [head, first, second, ...rest] = answersText(findings, '1.2.3');
  expect(head).toBe(
    '--- What these services do (okta-secoda-sync 1.2.3). It names nobody: please send it back. ---',
  );
  expect([first, second]).toEqual(['Does a PATCH of users replace the list?', '  ✓ it replaces … (…)']);
  expect(rest).toContain('  ✗ … at …/x says …');
  expect(rest).toContain('  – nobody knows');
  expect(rest.filter((line) => line === '  not tried')).toHaveLength(UNKNOWNS.length - 3);
  expect(rest.at(-1)).toBe('---');
});
