import { canBeApproved } from '../core/guard/guard.ts';
import type { OnboardReport } from '../core/report/onboard-report.ts';
import type { Plan } from '../core/plan/change.ts';
import type { Unmatched } from '../core/model/workspace.ts';
import { NOT_KNOWN } from '../core/people/invitations.ts';
import { columnFor, cut, hanging, padded, plural, someOf, type Style, widthOf } from './style.ts';
import { LONGEST, printable } from './escape.ts';
import type { Explanation } from '../core/report/explanation.ts';

/** What keeps people out of their groups, and what helps. */
const REASONS: Readonly<Record<Unmatched['reason'], { readonly what: string; readonly fix: string }>> = {
  'no-account': {
    what: 'without a Secoda account',
    fix: 'invite them in Secoda, or name the address they have there in users.aliases',
  },
  ambiguous: {
    what: 'with several Secoda accounts of one address',
    fix: 'remove the spare accounts in Secoda',
  },
  'no-email': { what: 'without an address in Okta', fix: 'complete their Okta profiles' },
};

/** The same of a record, which may be of a release that knows other reasons. */
export function whyUnmatched(reason: string): string {
  const reasons: Readonly<Record<string, { readonly what: string }>> = REASONS;
  return reasons[reason]?.what ?? reason;
}

const PEOPLE_SHOWN = 15;
const GROUPS_SHOWN = 3;

/** Who is wanted in a group and is not in it, by reason, with what helps. */
export function peopleSections(
  plan: Pick<Plan, 'unmatched' | 'unsettled' | 'invitations' | 'awaited'>,
  width: number,
  style: Style,
): string[][] {
  const { unmatched, unsettled, invitations, awaited } = plan;
  const invited = invitations.flatMap(({ emails, groups }) =>
    emails.map((email) => ({ email, groups: groups.map(({ name }) => name) })),
  );
  const parts = [
    ...Object.entries(REASONS).map(([reason, { what, fix }]) => {
      return ['Unmatched', unmatched.filter((each) => each.reason === reason), what, fix] as const;
    }),
    [
      'To be invited',
      invited,
      'without a Secoda account',
      'each can cost a seat; after all changes, into the groups they belong into',
    ],
    [
      'Invited',
      awaited.filter(({ known }) => known),
      'who have not signed in yet',
      'their groups are completed after their first sign-in',
    ],
    [
      'Invitation status unknown',
      awaited.filter(({ known }) => !known),
      'whose invitation was not answered',
      NOT_KNOWN,
    ],
    [
      'Unsettled',
      unsettled,
      'whom Secoda did not take or let go',
      'asked for again when their account changes, or after a week',
    ],
  ] as const;
  return parts.flatMap(([title, people, what, fix]) => {
    if (people.length === 0) return [];
    const head = `${title}: ${plural(people.length, 'person', 'people')} ${what}`;
    return [section(head, fix, people, width, style)];
  });
}

function section(
  title: string,
  fix: string,
  people: readonly { readonly email: string; readonly groups: readonly string[] }[],
  width: number,
  style: Style,
): string[] {
  const rows = people
    .slice(0, PEOPLE_SHOWN)
    .map(({ email, groups }) => ({ email: addressIn(width, email), groups }));
  const column = addressColumn(rows);
  const lines = rows.flatMap(({ email, groups }) => {
    const names = groups.map((group) => printable(group, LONGEST.name));
    return hanging(`  ${padded(email, column)}  in `, someOf(names, GROUPS_SHOWN), width);
  });
  const more = people.length - rows.length;
  return [
    style.warn(title),
    ...hanging('  → ', fix, width),
    ...lines,
    ...(more > 0 ? [`  … and ${more} more, in plan.json`] : []),
  ];
}

/** An address that leaves room beside it for what is said of it. */
function addressIn(width: number, email: string): string {
  return cut(printable(email, LONGEST.address), width - 30);
}

function addressColumn(rows: readonly { readonly email: string }[]): number {
  const addresses = rows.map(({ email }) => email);
  return columnFor(addresses, 0, 60);
}

/** What is good to read beside a person; every other answer is something to look at. */
const GOOD = /^(added to|already there|invited$)/;

/** One line for each answer to each person, who lost their place by it, and how a refused one is approved (`apply`). */
export function onboardText(
  { people, changes, refusals, digest }: OnboardReport,
  width: number,
  style: Style,
  apply: string,
): string {
  const rows = people.map(({ email, answers }) => ({ email: addressIn(width, email), answers }));
  const column = addressColumn(rows);
  const lines = rows.flatMap(({ email, answers }) =>
    answers.flatMap((answer, index) => {
      const paint = GOOD.test(answer) ? style.good : style.warn;
      const first = `${padded(index === 0 ? email : '', column)}  `;
      const told = hanging('', printable(answer, LONGEST.line), width - widthOf(first)).map(paint);
      return told.map((line, at) => `${at === 0 ? first : ' '.repeat(widthOf(first))}${line}`);
    }),
  );
  const refused = refusals.flatMap(({ rule, message }) => {
    const fix = rule === 'invitations' ? '; name fewer people, or raise guard.invitations' : '';
    return hanging('✗ ', `${rule}: ${printable(message, LONGEST.message)}${fix}`, width).map((line) =>
      style.bad(line),
    );
  });
  const lost = changes.flatMap(({ group, causes }) => {
    const names = Object.keys(causes).map((email) => printable(email, LONGEST.address));
    if (names.length === 0) return [];
    const what = `${printable(group.name, LONGEST.name)}: taken out, since Secoda refuses to have them: ${names.join(', ')}`;
    return hanging('! ', what, width).map((line) => style.warn(line));
  });
  const approval =
    refused.length === 0 || !canBeApproved(refusals)
      ? []
      : [
          'If all of it is intended, approve exactly that:',
          `  ${style.bold(`${apply} --approve ${digest ?? ''}`)}`,
        ];
  return [...lines, ...lost, ...refused, ...approval].map((line) => `${line}\n`).join('');
}

/** Each group with its steps, the deciding one marked, and the fix. */
export function explainText({ person, groups }: Explanation, style: Style): string {
  const who = person === null ? 'Group' : printable(person.email, LONGEST.address);
  if (groups.length === 0) {
    const why =
      person?.okta.length === 0
        ? `nobody in Okta has this e-mail or login; Secoda has the account ${printable(person.account?.id ?? '', LONGEST.name)}`
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
      style.bold(`${who} → ${printable(group.name, LONGEST.name)}: ${state}`),
      ...steps.map(({ step, ok, text }) => {
        const mark = ok ? style.good('✓') : style.bad('✗');
        const line = `  ${mark} ${title(step).padEnd(width)}  ${printable(text, LONGEST.line)}`;
        return step === decidedBy && !ok ? style.bold(line) : line;
      }),
      ...(fix === null ? [] : [`  → ${printable(fix, LONGEST.line)}`]),
      '',
    ];
  });
  const names = out.map(({ group }) => printable(group.name, LONGEST.name)).join(', ');
  return `${lines.join('\n')}${out.length === 0 ? '' : `Not synced, so left out here: ${names}\n`}`;
}
