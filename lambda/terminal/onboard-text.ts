import type { OnboardReport } from '../core/onboard-report.ts';
import { columnFor, hanging, padded } from './columns.ts';
import { shown } from './escape.ts';
import type { Style } from './style.ts';

/** What is good to read beside a person; every other answer is something to look at. */
const GOOD = /^(added to|already there|invited$)/;

/** One line a person, and one more for each further answer. */
export function onboardText({ people, refusals }: OnboardReport, width: number, style: Style): string {
  const rows = people.map(({ email, answers }) => ({ email: shown(email, 80), answers }));
  const column = columnFor(
    rows.map(({ email }) => email),
    0,
    60,
  );
  const lines = rows.flatMap(({ email, answers }) =>
    answers.flatMap((answer, index) => {
      const paint = GOOD.test(answer) ? style.good : style.warn;
      return hanging(`${padded(index === 0 ? email : '', column)}  `, shown(answer, 400), width).map(
        (line) => line.slice(0, column + 2) + paint(line.slice(column + 2)),
      );
    }),
  );
  const refused = refusals.flatMap(({ rule, message }) =>
    hanging('✗ ', `${rule}: ${shown(message, 400)}; name fewer people, or raise guard.${rule}`, width).map(
      (line) => style.bad(line),
    ),
  );
  return [...lines, ...refused].map((line) => `${line}\n`).join('');
}
