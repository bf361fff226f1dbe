/**
 * How version 0.2.0 took the right to write, as it was released: runs of it may be under way while this version starts, over the same
 * `turn.json`. Not to be changed.
 */
import * as z from 'zod';
import type { Archive, Clock } from '../../../lambda/ports.ts';

class TurnOver extends Error {}

const KEY = 'turn.json';
const TURN_MS = 60_000;
const LONGEST_LEAD_MS = 30_000;
const LEAD_MARGIN = 1.2;
const LONGEST_BLOCK_MS = 3_600_000;

const holderShape = z.object({
  runId: z.string(),
  pid: z.int().positive().nullable(),
  host: z.string().nullable(),
});
const waiterShape = holderShape.extend({
  until: z.number(),
});
const shape = z.object({
  version: z.literal(1),
  holder: holderShape.nullable(),
  takenAt: z.number(),
  expiresAt: z.number(),
  writes: z.array(z.number()),
  sending: z.array(z.number()),
  blockedUntil: z.number(),
  waiting: z.array(waiterShape),
  readMs: z.number().min(0).default(0).catch(0),
});

type Holder = Readonly<z.infer<typeof holderShape>>;
type Waiter = Readonly<z.infer<typeof waiterShape>>;
interface TurnFile {
  readonly holder: Holder | null;
  readonly takenAt: number;
  readonly expiresAt: number;
  readonly writes: readonly number[];
  readonly sending: readonly number[];
  readonly blockedUntil: number;
  readonly waiting: readonly Waiter[];
  readonly readMs: number;
}

interface StoredTurn {
  readonly file: TurnFile;
  readonly tag: string | null;
}

const NOBODY: TurnFile = {
  holder: null,
  takenAt: 0,
  expiresAt: 0,
  writes: [],
  sending: [],
  blockedUntil: 0,
  waiting: [],
  readMs: 0,
};
async function readTurn(archive: Archive, now: number): Promise<StoredTurn> {
  const stored = await archive.read(KEY);
  if (stored === null) return { file: NOBODY, tag: null };
  const file = parsed(stored.text);
  if (file === null) return { file: { ...NOBODY, blockedUntil: now + TURN_MS }, tag: stored.tag };
  const possible = (at: number): boolean => at <= now + TURN_MS;
  return {
    file: {
      ...file,
      writes: file.writes.filter(possible),
      sending: file.sending.filter(possible),
      blockedUntil: file.blockedUntil <= now + LONGEST_BLOCK_MS ? file.blockedUntil : 0,
      waiting: file.waiting.filter(({ until }) => until <= now + LONGEST_BLOCK_MS + TURN_MS),
    },
    tag: stored.tag,
  };
}
function leadMs({ readMs }: Pick<TurnFile, 'readMs'>, leastMs: number): number {
  return readMs <= leastMs ? leastMs : Math.min(readMs * LEAD_MARGIN, LONGEST_LEAD_MS);
}
function swapTurn(archive: Archive, file: TurnFile, tag: string | null): Promise<string | null> {
  return archive.swap(KEY, `${JSON.stringify({ version: 1, ...file })}\n`, tag);
}

function parsed(text: string): TurnFile | null {
  try {
    return shape.parse(JSON.parse(text));
  } catch {
    return null;
  }
}
const WINDOW_MS = 60_000;
const MARGIN_MS = 250;

type Spent = Pick<TurnFile, 'writes' | 'sending' | 'blockedUntil'>;
function slotAt(spent: Spent, writesPerMinute: number): number {
  const freeAgain = [...spent.writes, ...latestArrivals(spent)]
    .map((at) => at + WINDOW_MS + MARGIN_MS)
    .sort((a, b) => b - a);
  return Math.max(spent.blockedUntil, freeAgain[writesPerMinute - 1] ?? 0);
}
function latestArrivals({ sending }: Pick<TurnFile, 'sending'>): number[] {
  return sending.map((sentAt) => sentAt + TURN_MS);
}
function stillCounting(writes: readonly number[], now: number): number[] {
  return writes.filter((at) => at + WINDOW_MS + MARGIN_MS > now);
}
function present(waiting: readonly Waiter[], now: number, mayBeAlive: (waiter: Waiter) => boolean): Waiter[] {
  return waiting.filter((waiter) => waiter.until > now && mayBeAlive(waiter));
}
function ahead(waiting: readonly Waiter[], runId: string): number {
  const place = waiting.findIndex((each) => each.runId === runId);
  return place < 0 ? waiting.length : place;
}
function joined(waiting: readonly Waiter[], holder: Holder, until: number): Waiter[] {
  const place = waiting.findIndex(({ runId }) => runId === holder.runId);
  const waiter = { ...holder, until: Math.max(until, waiting[place]?.until ?? 0) };
  return place < 0 ? [...waiting, waiter] : waiting.with(place, waiter);
}

function without(waiting: readonly Waiter[], runId: string): Waiter[] {
  return waiting.filter((each) => each.runId !== runId);
}
const FRESH_MS = 2 * 60_000;

interface HeldOptions {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly holder: Holder;
  readonly writesPerMinute: number;
  readonly requestMs: number;
  readonly patienceMs: number;
}
class HeldTurn {
  readonly #options: HeldOptions;
  readonly #takenAt: number;
  #tag: string | null;
  #waiting: TurnFile['waiting'];
  #writes: number[];
  #sending: number[] = [];
  #blockedUntil: number;
  #expiresAt: number;
  #freshUntil: number;
  #readMs: number;
  #begun = false;
  #patienceMs: number;
  #released = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(options: HeldOptions, { file, tag }: StoredTurn) {
    this.#options = options;
    this.#takenAt = file.takenAt;
    this.#expiresAt = file.expiresAt;
    this.#freshUntil = file.takenAt + FRESH_MS;
    this.#tag = tag;
    this.#waiting = file.waiting;
    this.#writes = [...file.writes];
    this.#blockedUntil = file.blockedUntil;
    this.#readMs = file.readMs;
    this.#patienceMs = leadMs(file, options.patienceMs);
  }

  renew(): Promise<void> {
    return this.#afterTheLast(async () => {
      if (this.#released) throw new TurnOver('the turn was given up');
      const now = this.#options.clock.now();
      await this.#save(now + TURN_MS);
      this.#freshUntil = now + FRESH_MS;
    });
  }

  enter(metered: boolean): Promise<void> {
    return this.#afterTheLast(async () => {
      const { clock, requestMs } = this.#options;
      if (this.#released) throw new TurnOver('the turn was given up');
      if (!this.#begun) this.#readMs = clock.now() - this.#takenAt;
      this.#begun = true;
      await this.#untilAllowed(metered);
      this.#patienceMs = this.#options.patienceMs;
      const now = clock.now();
      if (now > Math.min(this.#expiresAt - requestMs, this.#freshUntil))
        throw new TurnOver('the turn took too long');
      this.#writes = stillCounting(this.#writes, now);
      if (metered) this.#sending.push(now);
      try {
        await this.#save(now + TURN_MS);
        if (clock.now() > now + TURN_MS - requestMs) throw new TurnOver('the archive answered too slowly');
      } catch (error) {
        if (metered) this.#sending.splice(this.#sending.lastIndexOf(now), 1);
        throw error;
      }
    });
  }
  leave(metered: boolean): void {
    if (metered && this.#sending.shift() !== undefined) this.#writes.push(this.#options.clock.now());
  }

  throttled(until: number): void {
    const latest = this.#options.clock.now() + LONGEST_BLOCK_MS;
    this.#blockedUntil = Math.max(this.#blockedUntil, Math.min(until, latest));
  }
  release(): Promise<void> {
    return this.#afterTheLast(async () => {
      if (this.#released) return;
      this.#released = true;
      await this.#save(null).catch(() => undefined);
    });
  }
  #afterTheLast<T>(work: () => Promise<T>): Promise<T> {
    const done = this.#last.then(work);
    this.#last = done.catch(() => undefined);
    return done;
  }

  async #untilAllowed(metered: boolean): Promise<void> {
    const { clock, writesPerMinute } = this.#options;
    for (;;) {
      const spent = { writes: this.#writes, sending: this.#sending, blockedUntil: this.#blockedUntil };
      const ms = (metered ? slotAt(spent, writesPerMinute) : spent.blockedUntil) - clock.now();
      if (ms <= 0) return;
      if (ms > this.#patienceMs) throw new TurnOver(`the next write may go out in ${Math.ceil(ms / 1000)} s`);
      await clock.sleep(ms);
    }
  }
  async #save(expiresAt: number | null): Promise<void> {
    const { archive, clock, holder } = this.#options;
    for (;;) {
      const file = {
        holder: expiresAt === null ? null : holder,
        takenAt: this.#takenAt,
        expiresAt: expiresAt ?? 0,
        writes: this.#writes,
        sending: this.#sending,
        blockedUntil: this.#blockedUntil,
        waiting: this.#waiting,
        readMs: this.#readMs,
      };
      const tag = await swapTurn(archive, file, this.#tag);
      if (tag !== null) {
        this.#tag = tag;
        this.#expiresAt = file.expiresAt;
        return;
      }
      const found = await readTurn(archive, clock.now());
      const ours = found.file.holder?.runId === holder.runId && found.file.takenAt === this.#takenAt;
      if (!ours) throw new TurnOver('another run has taken the turn');
      this.#tag = found.tag;
      this.#waiting = found.file.waiting;
    }
  }
}
const POLL_MS = 500;
const REFRESH_MS = 10_000;
const FORGOTTEN_MS = 3 * REFRESH_MS;
const RETURN_MS = 30_000;
const CUT_OFF_MS = 2_000;

export interface TurnsOptions {
  readonly archive: Archive;
  readonly clock: Clock;
  readonly listen: (event: unknown) => void;
  readonly holder: Holder;
  readonly mayBeAlive: (holder: Holder) => boolean;
  readonly writesPerMinute: number;
  readonly requestMs: number;
  readonly patienceMs?: number;
}

interface Look {
  readonly file: TurnFile;
  readonly tag: string | null;
  readonly now: number;
  readonly waiting: readonly Waiter[];
  readonly ours: boolean;
}
export function createTurns(options: TurnsOptions) {
  const { archive, clock, listen, holder, mayBeAlive, writesPerMinute, patienceMs = 5_000 } = options;
  const { runId } = holder;
  if (options.requestMs >= TURN_MS) throw new RangeError('A request must be over before the turn is');
  let seen = { turn: '', since: 0 };

  async function look(): Promise<Look> {
    const { file, tag } = await readTurn(archive, clock.now());
    const now = clock.now();
    const turn = JSON.stringify([file.holder, file.takenAt, file.expiresAt]);
    if (turn !== seen.turn) seen = { turn, since: now };
    const waiting = present(file.waiting, now, mayBeAlive);
    const free = isFree(file, now, mayBeAlive) || now - seen.since >= TURN_MS;
    return { file, tag, now, waiting, ours: free && ahead(waiting, runId) === 0 };
  }

  const waitFor = (metered: boolean, { file, now }: Look): number =>
    Math.max(
      0,
      (metered ? slotAt(file, writesPerMinute) : file.blockedUntil) - leadMs(file, patienceMs) - now,
    );
  const queue = async ({ file, tag, waiting }: Look, until: number): Promise<boolean> =>
    (await swapTurn(archive, { ...file, waiting: joined(waiting, holder, until) }, tag)) !== null;

  return {
    async due() {
      for (;;) {
        const found = await look();
        const ms = waitFor(true, found);
        if (ms === 0 || (await queue(found, found.now + ms + RETURN_MS))) return ms;
      }
    },

    async take(metered = true) {
      let attemptedAt: number | null = null;
      let told: string | null = null;
      for (;;) {
        const found = await look();
        const { file, tag, now, waiting } = found;
        const already = file.holder?.runId === runId && file.takenAt === attemptedAt;
        if (already) return new HeldTurn({ ...options, patienceMs }, found);
        const ms = waitFor(metered, found);
        if (found.ours && ms === 0) {
          const taken = { ...inherited(file, now), holder, waiting: without(waiting, runId) };
          const newTag = await swapTurn(archive, taken, tag);
          if (newTag !== null) return new HeldTurn({ ...options, patienceMs }, { file: taken, tag: newTag });
          attemptedAt = taken.takenAt;
          continue;
        }
        const reason = found.ours ? 'budget' : 'turn';
        if (told !== reason) listen({ kind: 'waiting', ms: Math.max(ms, file.expiresAt - now, 0), reason });
        told = reason;
        const ourUntil = waiting.find((each) => each.runId === runId)?.until ?? 0;
        if (ourUntil < now + FORGOTTEN_MS - REFRESH_MS && !(await queue(found, now + FORGOTTEN_MS))) continue;
        await clock.sleep(Math.min(REFRESH_MS, found.ours ? ms : Math.max(ms, POLL_MS)));
      }
    },
  };
}

function isFree(file: TurnFile, now: number, mayBeAlive: (holder: Holder) => boolean): boolean {
  if (file.holder === null || file.expiresAt <= now) return true;
  return !mayBeAlive(file.holder) && file.sending.every((sentAt) => sentAt + CUT_OFF_MS <= now);
}
function inherited(file: TurnFile, now: number): TurnFile {
  const writes = stillCounting([...file.writes, ...latestArrivals(file)], now);
  return { ...file, takenAt: now, expiresAt: now + TURN_MS, writes, sending: [] };
}
