import { fileURLToPath } from 'node:url';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const FILE = fileURLToPath(new URL('approved-plan.probe.ts', import.meta.url));
const CORE = '../../../lambda/core';
const HEAD = `
  import * as guard from '${CORE}/guard/guard.ts';
  import type { ApprovedPlan } from '${CORE}/guard/guard.ts';
  import type { Plan } from '${CORE}/plan/change.ts';
  declare const plan: Plan;
  declare const verdict: guard.Verdict;
  export let approved: ApprovedPlan;
  export let slice: guard.ApprovedSlice;
`;

/** The codes of the compiler's complaints about this text, which is never written to disk. */
function complaints(body: string): number[] {
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ESNext,
    module: ts.ModuleKind.NodeNext,
    moduleResolution: ts.ModuleResolutionKind.NodeNext,
    lib: ['lib.esnext.d.ts'],
    types: [],
    strict: true,
    noEmit: true,
    allowImportingTsExtensions: true,
    skipLibCheck: true,
  };
  const host = ts.createCompilerHost(options);
  const plain = ts.createCompilerHost(options);
  host.fileExists = (name) => name === FILE || plain.fileExists(name);
  host.getSourceFile = (name, ...rest) =>
    name === FILE
      ? ts.createSourceFile(name, HEAD + body, ts.ScriptTarget.ESNext)
      : plain.getSourceFile(name, ...rest);
  const program = ts.createProgram([FILE], options, host);
  return program.getSemanticDiagnostics(program.getSourceFile(FILE)).map(({ code }) => code);
}

const NOT_ASSIGNABLE = 2322;
const PROPERTY_MISSING = 2741;
const PROPERTIES_MISSING = 2739;
const NO_SUCH_EXPORT = 2339;

describe('an approved plan', () => {
  it('comes from the guard', () => {
    expect(complaints('if (verdict.approved) approved = verdict.approved;')).toEqual([]);
  });

  it.each([
    ['is not a plan', 'approved = plan;', [NOT_ASSIGNABLE, PROPERTY_MISSING, PROPERTIES_MISSING]],
    ['is not a look-alike', 'approved = { plan, slices: () => [] };', [NOT_ASSIGNABLE, PROPERTIES_MISSING]],
    ['is not an unjudged verdict', 'approved = verdict.approved;', [NOT_ASSIGNABLE]],
    [
      'does not come of a bare list of changes',
      'slice = { changes: plan.changes, byOperator: false };',
      [NOT_ASSIGNABLE, PROPERTIES_MISSING],
    ],
    ['cannot be constructed outside', 'approved = new guard.Approved(plan);', [NO_SUCH_EXPORT]],
    [
      'is not an instance of a class of the same shape',
      'class Mine { readonly #plan = plan; get plan() { return this.#plan; } slices() { return []; } } approved = new Mine();',
      [NOT_ASSIGNABLE, PROPERTY_MISSING],
    ],
  ])('%s', (_, body, expected) => {
    const codes = complaints(body);
    expect(codes).toHaveLength(1);
    expect(expected).toContain(codes[0]);
  });
});
