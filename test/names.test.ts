import { expect, it } from 'vitest';
import { required } from '../lambda/names.ts';

it('what the stack has to set is named where it is missing, one or several, and else is there to be asked for', () => {
  const environment = { A: 'a', B: ' ' };
  expect(required(environment, ['A'])('A')).toBe('a');
  expect(() => required(environment, ['A', 'B'])).toThrow(/^B is not set: deploy the stack$/);
  expect(() => required(environment, ['B', 'C'])).toThrow(
    'B is not set: deploy the stack\nC is not set: deploy the stack',
  );
});
