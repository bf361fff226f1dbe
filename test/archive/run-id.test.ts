import { describe, expect, it } from 'vitest';
import { isRunId, runIdAt, runIdFor } from '../../lambda/archive/run-index.ts';

const NOW = Date.UTC(2026, 0, 2, 3, 4, 5, 678);

describe('a run id', () => {
  it('begins with the time in UTC', () => {
    expect(runIdAt(NOW, () => 0.25)).toBe('20260102T030405Z-40000000');
    expect(runIdAt(NOW, () => 0)).toBe('20260102T030405Z-00000000');
  });

  it('of messages depends on which they are, not on their order or number', () => {
    const one = runIdFor(['a', 'b'], NOW);
    expect(one).toMatch(/^20260102T030405Z-[0-9a-f]{24}$/);
    expect(runIdFor(['b', 'a', 'b'], NOW)).toBe(one);
    expect(runIdFor(['a', 'c'], NOW)).not.toBe(one);
    expect(runIdFor(['ab'], NOW)).not.toBe(one);
  });

  it('is told from the name of any other execution', () => {
    expect(isRunId(runIdAt(NOW, () => 0.999))).toBe(true);
    expect(isRunId(runIdFor(['a'], NOW))).toBe(true);
    for (const name of ['', 'state', '5d2c1f1e-0000-4000-8000-000000000000', '20260102T030405Z-../state'])
      expect(isRunId(name)).toBe(false);
  });

  it('is a name that Lambda takes', () => {
    for (const name of [runIdAt(NOW, () => 0.5), runIdFor(['a'], NOW)])
      expect(name).toMatch(/^[A-Za-z0-9-_]{1,64}$/);
  });
});
