import type { Explanation } from '../core/report/explanation.ts';
import { printable } from './escape.ts';
import type { Style } from './style.ts';

const LONGEST = 300;

/** Each group with its steps, the deciding one marked, and the fix. */
export function explainText({ person, groups }: Explanation, style: Style): string {
  const who = person === null ? 'Group' : printable(person.email, 100);
  if (groups.length === 0) {
    const why =
      person?.okta.length === 0
        ? 'nobody in Okta has this e-mail or login'
        : `in Okta, and in no group there`;
    return `${who}: ${why}\n`;
  }
  // Of a person who asks for no group in particular, what is not synced at all is no story.
  const isOut = ({ decidedBy, member }: Explanation['groups'][number]) => decidedBy === 'scope' && !member;
  const out = groups.length > 1 ? groups.filter(isOut) : [];
  const shown = groups.filter((each) => !out.includes(each));
  const lines = shown.flatMap(({ group, member, wanted, decidedBy, steps, fix }) => {
    const state =
      person === null ? (wanted ? 'in scope' : 'not in scope') : member ? 'a member' : 'not a member';
    // Where nothing stands in the way, the last step says how it ends.
    const title = (step: string) => (step === 'nothing' ? 'result' : step);
    const width = Math.max(...steps.map(({ step }) => title(step).length));
    return [
      style.bold(`${who} → ${printable(group.name, 100)}: ${state}`),
      ...steps.map(({ step, ok, text }) => {
        const mark = ok ? style.good('✓') : style.bad('✗');
        const line = `  ${mark} ${title(step).padEnd(width)}  ${printable(text, LONGEST)}`;
        return step === decidedBy && !ok ? style.bold(line) : line;
      }),
      ...(fix === null ? [] : [`  → ${printable(fix, LONGEST)}`]),
      '',
    ];
  });
  const names = out.map(({ group }) => printable(group.name, 100)).join(', ');
  return `${lines.join('\n')}${out.length === 0 ? '' : `Not synced, so left out here: ${names}\n`}`;
}
