import type { Edges } from '../compose.ts';
import type { Traffic } from '../ports.ts';

const NONE: Traffic = { reads: 0, writes: 0, throttled: 0, retries: 0 };

/**
 * Edges that are opened with the first request: credentials are fetched within a step only, and an invocation that merely
 * goes through what is already done fetches none. An opening that failed is tried again.
 */
export function lazyEdges(open: () => Promise<Edges>): Edges {
  let opened: Edges | null = null;
  let opening: Promise<Edges> | null = null;
  const edges = (): Promise<Edges> => {
    opening ??= open().then(
      (found) => (opened = found),
      (error: unknown) => {
        opening = null;
        throw error;
      },
    );
    return opening;
  };
  return {
    directory: {
      groups: async () => (await edges()).directory.groups(),
      group: async (id) => (await edges()).directory.group(id),
      selects: async (id) => (await edges()).directory.selects(id),
      chosen: async (...all) => (await edges()).directory.chosen(...all),
      members: async (id) => (await edges()).directory.members(id),
      listed: async (ids) => (await edges()).directory.listed(ids),
      changedSince: async (...all) => (await edges()).directory.changedSince(...all),
      blindTo: async (known) => (await edges()).directory.blindTo(known),
      skewMs: () => opened?.directory.skewMs() ?? null,
      traffic: () => opened?.directory.traffic() ?? NONE,
    },
    workspace: {
      users: async () => (await edges()).workspace.users(),
      groups: async () => (await edges()).workspace.groups(),
      group: async (id) => (await edges()).workspace.group(id),
      traffic: () => opened?.workspace.traffic() ?? NONE,
    },
    people: {
      person: async (id) => (await edges()).people.person(id),
      byEmail: async (email) => (await edges()).people.byEmail(email),
      groupsOf: async (id) => (await edges()).people.groupsOf(id),
      traffic: () => opened?.people.traffic() ?? NONE,
    },
    lookup: {
      named: async (text) => (await edges()).lookup.named(text),
      like: async (text) => (await edges()).lookup.like(text),
    },
    adder: {
      add: async (...all) => (await edges()).adder.add(...all),
    },
    inviter: {
      invite: async (...all) => (await edges()).inviter.invite(...all),
    },
    writer: {
      create: async (...all) => (await edges()).writer.create(...all),
      update: async (...all) => (await edges()).writer.update(...all),
      remove: async (...all) => (await edges()).writer.remove(...all),
    },
  };
}
