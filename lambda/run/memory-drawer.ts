import type { Drawer } from '../ports.ts';
import type { Drawers } from './kept.ts';

/** Keeps things as they are, for a run that lives and dies with its process. */
export function memoryDrawer<T>(): Drawer<T> {
  const kept = new Map<string, { readonly content: T }>();
  return {
    put(key, content) {
      kept.set(key, { content });
      return Promise.resolve({ key, version: null });
    },
    get({ key }) {
      const found = kept.get(key);
      if (found === undefined) return Promise.reject(new Error(`Nothing was kept under ${key}`));
      return Promise.resolve(found.content);
    },
  };
}

/** All drawers of such a run. None of its steps is ever repeated. */
export function memoryDrawers(): Drawers {
  return {
    listing: memoryDrawer(),
    users: memoryDrawer(),
    members: memoryDrawer(),
    plan: memoryDrawer(),
    slice: memoryDrawer(),
    slices: memoryDrawer(),
    written: memoryDrawer(),
    onboarding: memoryDrawer(),
    joined: memoryDrawer(),
    begunBefore: () => Promise.resolve(false),
  };
}
