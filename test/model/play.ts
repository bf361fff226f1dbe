/** Plays a world night by night, and says where a run did not do what it had to, or did what none may. */
import fc from 'fast-check';
import {
  late,
  resetAfter,
  resetBefore,
  status,
  truncatePage,
  before as beforeCall,
} from '../emulators/index.ts';
import { atRest } from '../time/under-way.ts';
import { build, type Built, edit } from './hands.ts';
import {
  always,
  exactly,
  handedOver,
  honest,
  invited,
  type Passed,
  told,
  unmatched,
  within,
} from './checks.ts';
import { peopleOf } from './people.ts';
import { disputed, type End, type Expected, expected } from './expectation.ts';
import type { Remembered } from './matching.ts';
import { coversDeed, deedsOf, dueOf, guarded, Lately, limited, mayBreak } from './guard.ts';
import { History } from './history.ts';
import type { Configuration } from './pools.ts';
import { look, picture, type Seen } from './seen.ts';
import { type Ended, type Stand, stand } from './stand.ts';
import { asking, type Asked, FULL } from './asking.ts';
import { type ConfigChoice, type Night, type Trouble, type World, worlds } from './world.ts';

/** Something that must hold does not; the text says in which night, and what. */
class Broken extends Error {}

async function play(world: World, seed: number, tell?: (text: string) => void): Promise<void> {
  const stage = await stand(world.manners, seed);
  try {
    const built = build(world, stage.okta, stage.secoda);
    const game = new Game(world, stage, built, tell);
    for (const [n, night] of world.nights.entries()) {
      if (game.over) break;
      const problems = await game.night(night);
      if (problems.length > 0) throw new Broken(`night ${n}: ${problems.join('\n  ')}`);
    }
    for (const side of [stage.okta, stage.secoda])
      if (side.unknown.length > 0) throw new Broken(`nobody documents ${side.unknown.join(', ')}`);
  } finally {
    await stage.close();
  }
}

/** A run as it was asked for, the approval of what the guard refused, or the same once more. */
type Which = 'first' | 'approved' | 'again';

class Game {
  readonly #world: World;
  readonly #stage: Stand;
  readonly #built: Built;
  readonly #history = new History();
  #choice: ConfigChoice;
  /** The digest that the last run was refused under. */
  #refused: { readonly digest: string; readonly rules: ReadonlySet<string> } | null = null;
  readonly #lately = new Lately();
  readonly #due = new Set<string>();
  /** What people of Okta ever had, by their ids: e-mails and logins, and those of both that they were matched by. */
  readonly #bore = new Map<string, Set<string>>();
  readonly #addresses = new Map<string, ReadonlySet<string>>();
  /** When Secoda last refused something of a group, by the group's id. */
  readonly #refusedAt = new Map<string, number>();
  over = false;
  readonly #tell: ((text: string) => void) | undefined;

  constructor(world: World, stage: Stand, built: Built, tell?: (text: string) => void) {
    this.#tell = tell;
    this.#world = world;
    this.#stage = stage;
    this.#built = built;
    this.#choice = world.config;
  }

  async night(night: Night): Promise<string[]> {
    const { clock, okta, secoda } = this.#stage;
    clock.advance(night.hours * 3_600_000);
    for (const each of night.edits) edit(okta, secoda, each);
    this.#choice = { ...this.#choice, ...night.config };
    const config = this.#built.config(this.#choice);
    await this.#stage.configure(config);
    await this.#history.memory(night.memory, this.#stage);
    const asked = asking(night.request, this.#look(config), config, ({ id }) => [
      ...(this.#bore.get(id) ?? []),
    ]);
    const problems = await this.#run(asked, config, night.trouble, 'first');
    if (problems.length > 0) return problems;
    // Where somebody changed something meanwhile, another plan is to be approved.
    const same = night.trouble?.kind !== 'edit';
    if (this.#refused !== null && night.approve && same && asked.kind !== 'events') {
      const approving = asked.kind === 'plan' ? FULL : asked;
      const approved = await this.#run(approving, config, null, 'approved');
      if (approved.length > 0) return approved.map((each) => `approved: ${each}`);
    }
    // What a run has done, a second one right after it finds done.
    if (night.trouble !== null || asked.kind !== 'full') return [];
    const again = await this.#run(asked, config, null, 'again');
    return again.map((each) => `again: ${each}`);
  }

  /** Whether somebody had an address with an account, and has none by now: which counts depends on what was read of them when. */
  #moved(seen: Seen, config: Configuration): boolean {
    const { alias, account } = peopleOf(seen, config);
    return seen.okta
      .flatMap(({ people }) => people)
      .some(({ id, [config.users.match]: now }) => {
        const past = [...(this.#addresses.get(id) ?? [])].map(alias);
        return account(alias(now)).length === 0 && past.some((each) => account(each).length > 0);
      });
  }

  #look(config: Configuration): Seen {
    const { okta, secoda } = this.#stage;
    const seen = look(okta, secoda, config, this.#world.manners.invited === 'pending');
    for (const { id, email, login } of seen.okta.flatMap(({ people }) => people)) {
      this.#bore.set(id, new Set([...(this.#bore.get(id) ?? []), email, login]));
      const text = { email, login }[config.users.match];
      this.#addresses.set(id, new Set([...(this.#addresses.get(id) ?? []), text]));
    }
    return seen;
  }

  async #run(asked: Asked, config: Configuration, trouble: Trouble | null, which: Which): Promise<string[]> {
    const { okta, secoda, clock } = this.#stage;
    const memories = this.#history.possible();
    const ahead = (seen: Seen) =>
      memories.flatMap((memory) =>
        expected(seen, config, memory, this.#world.manners).map((expectation) => ({
          memory,
          expectation: this.#withLeftOvers(expectation),
        })),
      );
    const before = this.#look(config);
    const answers = ahead(before);
    const open = ({ memory, expectation }: (typeof answers)[number]) =>
      disputed(expectation, memory, before, config.name);
    if (answers.some(open) || this.#moved(before, config)) {
      this.over = true;
      return [];
    }
    const alternatives = answers.map(({ expectation }) => expectation);
    const from = {
      mailed: secoda.state.mailed.length,
      writes: secoda.state.writes.length,
      secoda: secoda.requests.length,
      okta: okta.requests.length,
    };
    const others: Promise<Ended>[] = [];
    const rest = this.#make(
      trouble,
      () => alternatives.push(...ahead(this.#look(config)).map((each) => each.expectation)),
      others,
    );
    const args = [...asked.args, ...(which === 'approved' ? ['--approve', this.#refused?.digest ?? ''] : [])];
    const allowed = which === 'approved' ? this.#refused?.rules : undefined;
    const ended =
      asked.events === undefined
        ? await this.#stage.run(...args)
        : await this.#stage.follow(config, asked.events);
    const reports = [ended, ...(await Promise.all(others))].flatMap(({ report }) => report ?? []);
    secoda.faults.clear();
    okta.faults.clear();
    await rest();
    let passed: Passed = {
      before,
      after: this.#look(config),
      mailed: {
        before: secoda.state.mailed.slice(0, from.mailed),
        now: secoda.state.mailed.slice(from.mailed),
      },
      config,
      report: ended.report,
      code: ended.code,
      writes: secoda.state.writes.slice(from.writes),
      asked: secoda.requests.slice(from.secoda),
      askedOkta: okta.requests.slice(from.okta),
    };
    for (const { path, status } of passed.asked) {
      const id = path.split('/').at(-1) ?? '';
      if (status !== null && status >= 400 && status <= 422) this.#refusedAt.set(id, clock.now());
    }
    for (const { group, outcome } of ended.report?.changes ?? [])
      if (outcome === 'unsettled' && group.secodaId !== null)
        this.#refusedAt.set(group.secodaId, clock.now());
    const status = ended.report?.status ?? 'failed';
    const rules = new Set(ended.report?.refusals.map(({ rule }) => rule));
    const digest = ended.report?.digest ?? null;
    this.#refused = (status === 'refused' || status === 'held') && digest !== null ? { digest, rules } : null;
    const problems = trouble?.kind === 'second' ? [] : always(passed);
    problems.push(...invited(passed, alternatives));
    passed = { ...passed, after: withoutInvited(passed) };
    const meant = (each: Expected) => (trouble?.kind === 'second' ? each.ends : asked.ends(each));
    problems.push(...within(passed, alternatives.map(meant), trouble?.kind === 'late'));
    if (trouble === null || !['second', 'edit'].includes(trouble.kind)) problems.push(...honest(passed));
    const judged = answers.map(({ memory, expectation }) => ({
      memory,
      expectation,
      problems: trouble === null ? this.#judge(passed, expectation, memory, asked, config, which) : [],
    }));
    if (trouble === null || !['second', 'edit'].includes(trouble.kind)) {
      const lost = answers.map(({ expectation }) => handedOver(passed, expectation));
      if (lost.every((each) => each.length > 0)) problems.push(...(lost[0] ?? []));
    }
    const fitting = judged.filter((each) => each.problems.length === 0);
    if (fitting.length === 0) problems.push(...(judged[0]?.problems ?? []));
    const lately = this.#lately.at(clock.now());
    const deeds = deedsOf(passed, reports, memories, this.#due);
    if (which !== 'approved') problems.push(...guarded(passed, reports, deeds, lately));
    this.#lately.note(deeds, clock.now(), (deed) => allowed !== undefined && coversDeed(allowed, deed));
    if (asked.kind === 'full' && ['in-sync', 'applied', 'partial', 'held'].includes(status))
      for (const { expectation } of answers) for (const pair of dueOf(expectation)) this.#due.add(pair);
    this.#history.after(
      fitting.map(({ memory, expectation }) => [
        memory,
        {
          asked: trouble?.kind === 'second' ? FULL : asked,
          expectation,
          report: ended.report,
          after: passed.after,
          name: config.name,
        },
      ]),
      trouble === null,
    );
    clock.advance(1000);
    this.#tell?.(picture(passed, args));
    if (problems.length > 0) problems.push(picture(passed, args));
    return problems;
  }

  /** @returns what is still to happen when the run is over */
  #make(trouble: Trouble | null, changed: () => void, others: Promise<Ended>[]): () => Promise<void> {
    const { okta, secoda, clock } = this.#stage;
    if (trouble === null) return () => Promise.resolve();
    const writes = ['secoda.group.update', 'secoda.group.create', 'secoda.group.delete'];
    const reads = ['secoda.group.list', 'okta.group.users', 'okta.group.list', 'secoda.user.list'];
    const write = writes[trouble.on % writes.length] ?? '';
    const read = reads[trouble.on % reads.length] ?? '';
    const { nth } = trouble;
    switch (trouble.kind) {
      case 'lost':
        secoda.faults.add({ on: write, nth, effect: resetAfter() });
        break;
      case 'late': {
        const { effect, happen } = late();
        secoda.faults.add({ on: write, nth, effect });
        return happen;
      }
      case 'refused':
        secoda.faults.add({ on: write, nth, times: Infinity, effect: status(400, { name: ['No.'] }) });
        break;
      case 'broken':
        secoda.faults.add({ on: write, nth, times: 2, effect: resetBefore() });
        break;
      case 'down':
        secoda.faults.add({ on: write, nth, times: Infinity, effect: status(503) });
        break;
      case 'cut':
        if (read.startsWith('secoda'))
          secoda.faults.add({ on: read, nth, times: Infinity, effect: truncatePage() });
        else okta.faults.add({ on: read, nth, times: Infinity, effect: status(503) });
        break;
      case 'edit':
        okta.faults.add({
          on: read.startsWith('okta') ? read : 'okta.group.users',
          nth,
          effect: beforeCall(() => {
            // A run may have seen one of them and not the other.
            for (const each of trouble.edits) {
              edit(okta, secoda, each);
              changed();
            }
          }),
        });
        break;
      case 'second':
        secoda.faults.add({
          on: /^secoda/,
          nth,
          effect: beforeCall(() => {
            const other = this.#stage.run('apply');
            others.push(other);
            // This request is answered when the other run is over, or waits for time as well.
            const holding = clock.enter();
            return Promise.race([other, atRest()]).finally(() => holding.leave());
          }),
        });
    }
    return () => Promise.resolve();
  }

  /** What a run without any trouble did not do as it had to, if this is what it remembered. */
  #judge(
    passed: Passed,
    expectation: Expected,
    memory: Remembered,
    asked: Asked,
    config: Configuration,
    which: Which,
  ): string[] {
    const { report, before } = passed;
    if (report === null) return [];
    const mine = asked.ends(expectation);
    if (report.status === 'refused' || report.status === 'held') {
      if (which === 'approved' && expectation.matched.deferred.size === 0)
        return [`refused what was approved: ${report.refusals.map(({ message }) => message).join()}`];
      const { possible } = unmatched(expectation, passed.mailed.before);
      const lately = this.#lately.at(this.#stage.clock.now());
      const rules = mayBreak({ ...expectation, ends: mine }, config, memory, lately, possible);
      return limited(passed, mine, report, rules);
    }
    const problems = asked.kind === 'full' || asked.kind === 'plan' ? told(passed, expectation) : [];
    if (asked.kind === 'plan') return problems;
    if (report.status === 'failed') return [`failed: ${report.error ?? ''}`];
    problems.push(...(asked.kind === 'full' ? exactly(passed, mine) : asked.done(passed, mine, expectation)));
    const idle =
      !mine.some(({ open, lesser }) => open || lesser) &&
      exactly({ ...passed, after: before }, mine).length === 0 &&
      (which === 'again' ||
        mine.every(
          ({ group, hoped, vague }) => !vague && [...hoped].every((userId) => group?.members.has(userId)),
        ));
    const tried = passed.asked.filter(
      ({ method, path }) => method !== 'GET' && !path.startsWith('/api/v1/user'),
    );
    if (tried.length > 0 && idle) problems.push(`there was nothing to do, and ${tried.length} writes`);
    return problems;
  }

  /** What Secoda refused of a group may be left for a week. */
  #withLeftOvers(expectation: Expected): Expected {
    const recent = this.#stage.clock.now() - 8 * 24 * 3_600_000;
    const isLeft = ({ group }: End): boolean => (this.#refusedAt.get(group?.id ?? '') ?? 0) > recent;
    if (!expectation.ends.some(isLeft)) return expectation;
    const ends = expectation.ends.map((end) => (isLeft(end) ? { ...end, lesser: true } : end));
    return { ...expectation, ends, calm: false };
  }
}

/** The workspace without those who were not there before: where they may be, `invited` looks at. */
function withoutInvited({ before, after }: Passed): Seen {
  const known = new Set(before.users.map(({ id }) => id));
  const groups = [...after.groups.values()].map((group) => ({
    ...group,
    members: new Set([...group.members].filter((userId) => known.has(userId))),
  }));
  return { ...after, groups: new Map(groups.map((group) => [group.id, group])) };
}

/** The numbers of so many worlds that a seed stands for. */
export function numbers(seed: number, count: number): number[] {
  // Neighbouring seeds make worlds that are alike; an odd factor spreads them, and no two meet.
  return Array.from({ length: count }, (_, n) => Math.imul(seed + n, 0x9e37_79b1) | 0);
}

/**
 * @param options `tell` hears of each run, `shrink`: whether to look for the smallest world that goes wrong in this way, which takes a minute or two
 * @returns what went wrong, with the world and how to play it again; `null` where nothing did
 */
export async function tryWorld(
  number: number,
  { shrink = false, tell }: { readonly shrink?: boolean; readonly tell?: (text: string) => void } = {},
): Promise<string | null> {
  const property = fc.asyncProperty(worlds, (world) => play(world, number, tell));
  const result = await fc.check(property, {
    seed: number,
    numRuns: 1,
    endOnFailure: !shrink,
    ...(shrink ? { interruptAfterTimeLimit: 120_000 } : {}),
  });
  if (!result.failed) return null;
  const { counterexample, errorInstance: error } = result;
  const [world] = counterexample ?? [];
  const text = error instanceof Broken ? error.message : error instanceof Error ? error.stack : String(error);
  return [
    `world ${number}, ${text ?? ''}`,
    ...(world === undefined ? [] : [written(world)]),
    `again: npm run test:long -- --world=${number}`,
  ].join('\n');
}

/** One line for each part of a world. */
function written(world: World): string {
  const lines = Object.entries(world).map(([key, value]: [string, unknown]) =>
    Array.isArray(value)
      ? [`  ${key}:`, ...value.map((each) => `    ${JSON.stringify(each)}`)].join('\n')
      : `  ${key}: ${JSON.stringify(value)}`,
  );
  return ['the world:', ...lines].join('\n');
}
