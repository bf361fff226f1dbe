import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import * as z from 'zod';
import { LEAST, templateOf } from './stage.ts';

const stack = z.object({ resources: z.record(z.string(), z.string()), outputs: z.array(z.string()) });
const VERSION_0_2_0 = new URL('../run/version-0.2.0/stack.json', import.meta.url);

it('a stack of version 0.2.0 keeps its bucket, secrets, queues, logs and functions, and its outputs', () => {
  const before = stack.parse(JSON.parse(readFileSync(VERSION_0_2_0, 'utf8')));
  const template = templateOf(LEAST).toJSON();
  const shape = z.object({
    Resources: z.record(z.string(), z.looseObject({ Type: z.string() })),
    Outputs: z.looseObject({}),
  });
  const { Resources, Outputs } = shape.parse(template);
  // A resource of another logical id or type is another one: the old one would go, with what is in it.
  const now = Object.fromEntries(Object.keys(before.resources).map((id) => [id, Resources[id]?.Type]));
  expect(now).toEqual(before.resources);
  expect(Object.keys(Outputs)).toEqual(expect.arrayContaining(before.outputs));
});
