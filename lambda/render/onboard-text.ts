import type { OnboardReport } from '../core/report/onboard-report.ts';
import { LONGEST_NAME } from './change-text.ts';
import { columnFor, hanging, padded, type Style } from './style.ts';
import { printable } from './escape.ts';

/** What is good to read beside a person; every other answer is something to look at. */
const GOOD = /^(added to|already there|invited$)/;

/** One line a person, and one more for each further answer; and who else lost their place by it. */
export function onboardText(
  { people, changes, refusals }: OnboardReport,
  width: number,
  style: Style,
): string {
  const rows = people.map(({ email, answers }) => ({ email: printable(email, 80), answers }));
  const column = columnFor(
    rows.map(({ email }) => email),
    0,
    60,
  );
  const lines = rows.flatMap(({ email, answers }) =>
    answers.flatMap((answer, index) => {
      const paint = GOOD.test(answer) ? style.good : style.warn;
      return hanging(`${padded(index === 0 ? email : '', column)}  `, printable(answer, 400), width).map(
        (line) => line.slice(0, column + 2) + paint(line.slice(column + 2)),
      );
    }),
  );
  const refused = refusals.flatMap(({ rule, message }) => {
    const fix = rule === 'invitations' ? '; name fewer people, or raise guard.invitations' : '';
    return hanging('✗ ', `${rule}: ${printable(message, 1_000)}${fix}`, width).map((line) => style.bad(line));
  });
  const lost = changes.flatMap(({ group, causes }) => {
    const names = Object.keys(causes).map((email) => printable(email, 80));
    if (names.length === 0) return [];
    const what = `${printable(group.name, LONGEST_NAME)}: taken out, since Secoda refuses to have them: ${names.join(', ')}`;
    return hanging('! ', what, width).map((line) => style.warn(line));
  });
  return [...lines, ...lost, ...refused].map((line) => `${line}\n`).join('');
}
