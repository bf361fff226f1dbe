/** An expression of Okta's `filter` and `search` parameters that was understood. */
export interface Criteria<Item> {
  readonly attributes: ReadonlySet<string>;
  matches(item: Item): boolean;
}

/** The expression is not one that is understood; the message says where. */
export class CriteriaError extends Error {}

/** The values an expression may ask for, by attribute name. */
export type Attributes<Item> = Readonly<Record<string, (item: Item) => string | undefined>>;

type Test<Item> = (item: Item) => boolean;

const comparisons: Readonly<Record<string, (order: number) => boolean>> = {
  eq: (order) => order === 0,
  gt: (order) => order > 0,
  ge: (order) => order >= 0,
  lt: (order) => order < 0,
  le: (order) => order <= 0,
};

const dates = new Set(['created', 'lastUpdated', 'lastMembershipUpdated', 'statusChanged']);

/**
 * Reads `attribute operator "value"` terms, joined by `and`, `or` and parentheses, with the operators eq, sw, co, gt,
 * ge, lt and le. Text is compared exactly by `filter`, and without regard to case by `search`; dates as points in time. No
 * expression matches everything.
 *
 * @throws CriteriaError
 */
export function parseCriteria<Item>(
  parameter: 'filter' | 'search',
  text: string | undefined,
  attributes: Attributes<Item>,
): Criteria<Item> {
  const fold = (value: string): string => (parameter === 'search' ? value.toLowerCase() : value);
  if (text === undefined) return { attributes: new Set(), matches: () => true };
  const tokens = text.match(/\(|\)|"(?:[^"\\]|\\.)*"|[^\s()"]+|"/g) ?? [];
  const used = new Set<string>();
  let position = 0;

  const matches = any();
  if (position < tokens.length)
    throw new CriteriaError(`Unexpected '${String(tokens[position])}' after the expression`);
  return { attributes: used, matches };

  function next(expected: string): string {
    const token = tokens[position++];
    if (token === undefined) throw new CriteriaError(`The expression ends where ${expected} was expected`);
    return token;
  }

  function joined(word: string): boolean {
    if (tokens[position]?.toLowerCase() !== word) return false;
    position += 1;
    return true;
  }

  function any(): Test<Item> {
    const tests = [all()];
    while (joined('or')) tests.push(all());
    return (item) => tests.some((test) => test(item));
  }

  function all(): Test<Item> {
    const tests = [one()];
    while (joined('and')) tests.push(one());
    return (item) => tests.every((test) => test(item));
  }

  function one(): Test<Item> {
    const attribute = next('an attribute');
    if (attribute === '(') {
      const test = any();
      if (next("')'") !== ')') throw new CriteriaError("Expected ')'");
      return test;
    }
    const value = attributes[attribute];
    if (value === undefined) throw new CriteriaError(`'${attribute}' cannot be asked for here`);
    used.add(attribute);
    const operator = next('an operator').toLowerCase();
    return term(attribute, value, operator, literal(next('a value in double quotes')), fold);
  }
}

function term<Item>(
  attribute: string,
  value: (item: Item) => string | undefined,
  operator: string,
  wanted: string,
  fold: (text: string) => string,
): Test<Item> {
  const folded = fold(wanted);
  const text = (item: Item): string | undefined => {
    const found = value(item);
    return found === undefined ? undefined : fold(found);
  };
  if (operator === 'sw') return (item) => text(item)?.startsWith(folded) ?? false;
  if (operator === 'co') return (item) => text(item)?.includes(folded) ?? false;
  const compare = comparisons[operator];
  if (compare === undefined) throw new CriteriaError(`'${operator}' is not an operator`);
  if (!dates.has(attribute)) {
    return (item) => {
      const found = text(item);
      return found !== undefined && compare(found < folded ? -1 : found > folded ? 1 : 0);
    };
  }
  const instant = Date.parse(wanted);
  if (Number.isNaN(instant)) throw new CriteriaError(`'${wanted}' is not a date`);
  return (item) => compare(Date.parse(value(item) ?? '') - instant);
}

function literal(token: string): string {
  if (!/^".*"$/s.test(token)) throw new CriteriaError(`'${token}' is not a value in double quotes`);
  return token.slice(1, -1).replace(/\\(.)/gs, '$1');
}
