import fc from 'fast-check';
import { expect, it } from 'vitest';
import { compose, openEdges, serviceOptions } from '../../../lambda/compose.ts';
import { readMessage } from '../../../lambda/aws/events/origin.ts';
import { parseSettings } from '../../../lambda/settings.ts';
import { fold } from '../../../lambda/aws/front-door/fold.ts';
import type { Scope } from '../../../lambda/core/model/request.ts';
import { runSync } from '../../../lambda/run/run.ts';
import { HeldClock } from '../../time/clock.ts';
import { startOkta, startSecoda } from '../../emulators/index.ts';
import { groupTarget, joined, oktaEvent, userTarget } from '../../aws/events/okta-event.ts';
import { memoryArchive } from '../../archive/lease/memory-archive.ts';
import { markerOf } from '../small-world.ts';
import { ORIGIN } from '../../core/requested.ts';

const PEOPLE = 4;
/** Groups that things happen to; one more is left in peace, so that Okta never has none at all. */
const GROUPS = 3;
/** Harm is not what this is about. */
const GUARD = {
  groupDeletions: { max: 99 },
  memberRemovals: { max: 99 },
  removalsPerGroup: { max: 99 },
  emptiedGroups: { atLeast: 99 },
};

interface Happening {
  readonly kind: 'join' | 'leave' | 'deactivate' | 'delete' | 'rename' | 'remove';
  readonly person: number;
  readonly group: number;
}

interface Mirror {
  readonly oktaId: string;
  readonly name: string;
  readonly members: readonly string[];
}

const isOfPerson = (kind: Happening['kind']) => kind === 'deactivate' || kind === 'delete';

const happening = fc.record<Happening>({
  kind: fc.constantFrom('join', 'leave', 'deactivate', 'delete', 'rename', 'remove'),
  person: fc.nat(PEOPLE - 1),
  group: fc.nat(GROUPS - 1),
});
/** What happens in Okta, and which of its events arrive, how often, in which order and in which batches. */
const story = fc.record({
  happenings: fc.array(happening, { minLength: 1, maxLength: 5 }),
  batches: fc.array(fc.array(fc.nat(), { minLength: 1, maxLength: 6 }), { minLength: 1, maxLength: 3 }),
});

/** Everybody but the last is in every group, on both sides; the ids are the same in each such world. */
async function aWorld() {
  const clock = new HeldClock();
  const okta = await startOkta({ clock });
  const secoda = await startSecoda({ clock, writesPerMinute: 600 });
  const emails = Array.from({ length: PEOPLE }, (_, n) => `p${n}@acme.example`);
  const people = emails.map((email) => okta.state.addUser({ email }));
  const users = emails.map((email) => secoda.state.addUser({ email }));
  const groups = Array.from({ length: GROUPS + 1 }, (_, n) => {
    const group = okta.state.addGroup({ name: `Group ${n}`, members: people.slice(0, -1) });
    secoda.state.addGroup({ name: group.name, description: markerOf(group), users: users.slice(0, -1) });
    return group;
  });

  /** @returns the event of it; `null` when it cannot happen any more */
  function happen({ kind, person, group }: Happening): object | null {
    const [somebody, something] = [people[person], groups[group]];
    if (somebody === undefined || something === undefined) return null;
    if (isOfPerson(kind) && !okta.state.users.has(somebody.id)) return null;
    if (['rename', 'remove'].includes(kind) && !okta.state.groups.has(something.id)) return null;
    const user = userTarget(somebody.id, emails[person]);
    switch (kind) {
      case 'join':
        if (!okta.state.users.has(somebody.id) || !okta.state.groups.has(something.id)) return null;
        okta.state.join(somebody, something);
        return joined(something.id, somebody.id);
      case 'leave':
        okta.state.leave(somebody, something);
        return oktaEvent('group.user_membership.remove', [groupTarget(something.id), user]);
      case 'deactivate':
        okta.state.deactivate(somebody);
        return oktaEvent('user.lifecycle.deactivate', [user]);
      case 'delete':
        okta.state.deleteUser(somebody);
        return oktaEvent('user.lifecycle.delete.completed', [user]);
      case 'rename':
        okta.state.renameGroup(something, `Renamed ${group}`);
        return oktaEvent('group.profile.update', [groupTarget(something.id)]);
      case 'remove':
        okta.state.removeGroup(something);
        return oktaEvent('group.lifecycle.delete', [groupTarget(something.id)]);
    }
  }

  const settings = parseSettings({
    okta: { orgUrl: okta.url, groups: { all: true }, requestsPerMinute: 6_000 },
    secoda: { url: secoda.url, writesPerMinute: 600 },
    guard: GUARD,
  });
  const { apiToken } = okta.credentials;
  const { apiKey } = secoda.credentials;
  const archive = memoryArchive();
  const surroundings = {
    settings,
    archive,
    clock,
    random: Math.random,
    listen: () => undefined,
    origin: ORIGIN,
  };
  const edges = openEdges(serviceOptions(surroundings, { okta: { apiToken }, secoda: { apiKey } }));
  const { context, writing } = compose(surroundings, edges);

  async function run(runId: string, about: Pick<Scope, 'groups' | 'hints'>): Promise<void> {
    const task = { runId, full: false, mode: 'apply', approve: null, ...about, ...writing(runId) } as const;
    const finished = () => Promise.resolve();
    const { status, failure } = await runSync(task, { ...context, usage: 'report', finished });
    expect(failure).toBeNull();
    expect(['in-sync', 'applied']).toContain(status);
  }

  return {
    happen,
    run,
    /** The ids of the Okta groups that are named, or that named people are in on either side. */
    about: (named: readonly Happening[]): readonly string[] => {
      const ids = named.flatMap(({ kind, person, group }) => {
        if (!isOfPerson(kind)) return groups[group]?.id ?? [];
        const inSecoda = [...secoda.state.groups.values()].filter(({ users: members }) =>
          [...members].some(({ email }) => email === emails[person]),
        );
        return groups
          .filter((each) => {
            const somebody = people[person];
            const inOkta = somebody !== undefined && okta.state.membersOf(each).includes(somebody);
            return inOkta || inSecoda.some(({ description }) => description?.includes(each.id) === true);
          })
          .map(({ id }) => id);
      });
      return [...new Set(ids)];
    },
    /** The addresses of people whom these name as somebody who may lose access. */
    named: (named: readonly Happening[]): readonly string[] =>
      named.flatMap(({ kind, person }) => {
        const left = kind === 'leave' && okta.state.users.has(people[person]?.id ?? '');
        return left || isOfPerson(kind) ? (emails[person] ?? []) : [];
      }),
    deleted: (named: readonly Happening[]): readonly string[] =>
      named.flatMap(({ kind, group }) => (kind === 'remove' ? (groups[group]?.id ?? []) : [])),
    /** What is in Secoda, by the ids of the Okta groups. */
    end: (): readonly Mirror[] =>
      [...secoda.state.groups.values()]
        .map(({ name, description, users: members }) => ({
          oktaId: /\((\w+)\)/.exec(description ?? '')?.[1] ?? '',
          name,
          members: [...members].map(({ email }) => email ?? '').sort(),
        }))
        .sort((a, b) => (a.oktaId < b.oktaId ? -1 : 1)),
    close: () => Promise.all([okta.close(), secoda.close()]),
  };
}

it('any events, in any order and as often as they come, take access only from whom they name, and a full run does the rest', async () => {
  await fc.assert(
    fc.asyncProperty(story, async ({ happenings, batches }) => {
      const [followed, asked] = await Promise.all([aWorld(), aWorld()]);
      try {
        const before = followed.end();
        const told = happenings.flatMap((each) => {
          const event = followed.happen(each);
          asked.happen(each);
          return event === null ? [] : [{ event, about: each }];
        });
        fc.pre(told.length > 0);
        const picked = batches.map((batch) => batch.flatMap((n) => told[n % told.length] ?? []));
        const named = picked.map((batch) => batch.map((each) => each.about));
        const mayLose = new Set(
          named.flatMap((batch) =>
            asked.about(batch).flatMap((id) => asked.named(batch).map((email) => `${id} ${email}`)),
          ),
        );
        let count = 0;
        for (const batch of picked) {
          const messages = batch.map(({ event }) => {
            const body = JSON.stringify(event);
            const delivery = { messageId: `m-${count++}`, body, sentAt: Date.UTC(2026, 0, 2) };
            return { delivery, message: readMessage(body) };
          });
          for (const { request, runId } of fold(messages)) {
            if (request.kind !== 'follow') throw new Error(`events led to ${request.kind}`);
            await followed.run(runId, { groups: [], hints: request.hints });
          }
        }
        const about = asked.about(named.flat());
        if (about.length > 0) await asked.run('20260102T030405Z-asked', { groups: about, hints: null });
        const deleted = asked.deleted(named.flat());
        const targeted = new Map(asked.end().map((mirror) => [mirror.oktaId, mirror]));
        const expected = before.flatMap((mirror): Mirror[] => {
          const { oktaId, members } = mirror;
          const then = targeted.get(oktaId);
          if (then === undefined) return deleted.includes(oktaId) ? [] : [mirror];
          const staying = members.filter((email) => !mayLose.has(`${oktaId} ${email}`));
          return [{ ...then, members: [...new Set([...then.members, ...staying])].sort() }];
        });
        expect(followed.end()).toEqual(expected);
        for (const each of [followed, asked])
          await each.run('20260103T030405Z-night', { groups: [], hints: null });
        expect(followed.end()).toEqual(asked.end());
      } finally {
        await Promise.all([followed.close(), asked.close()]);
      }
    }),
    { numRuns: 15 },
  );
});
