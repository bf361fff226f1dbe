/**
 * The targets of relation `next` in `Link` headers, as they stand (RFC 8288). Several headers arrive joined by commas, and a
 * target may hold commas itself. `null`: the header is broken, so that whether there is a next page cannot be known.
 */
export function nextLinks(header: string): readonly string[] | null {
  const targets: string[] = [];
  let rest = header.trim();
  while (rest !== '') {
    const end = rest.indexOf('>');
    if (!rest.startsWith('<') || end < 0) return null;
    const target = rest.slice(1, end);
    const { parameters, after } = untilComma(rest.slice(end + 1));
    const relations = relationsIn(parameters);
    if (relations === null) return null;
    if (relations.includes('next')) targets.push(target);
    rest = after;
  }
  return targets;
}

/** The pieces between semicolons up to the first comma, neither of them in quotes: what follows the comma is the next link. */
function untilComma(text: string): { parameters: readonly string[]; after: string } {
  const parameters: string[] = [];
  let quoted = false;
  let from = 0;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    if (quoted || (text[at] !== ';' && text[at] !== ',')) continue;
    parameters.push(text.slice(from, at));
    from = at + 1;
    if (text[at] === ',') return { parameters, after: text.slice(from).trim() };
  }
  return { parameters: [...parameters, text.slice(from)], after: '' };
}

/** `null` where a relation could hide: a mistaken “last page” would pass for people and groups that are gone. */
function relationsIn([before, ...parameters]: readonly string[]): readonly string[] | null {
  if (before?.trim() !== '') return null;
  const relations: string[] = [];
  for (const parameter of parameters) {
    if ((parameter.split('"').length - 1) % 2 !== 0) return null;
    const [name = '', ...value] = parameter.split('=');
    if (name.trim().toLowerCase() !== 'rel') continue;
    const found = /^(?:"([^"]*)"|([^\s"]+))$/.exec(value.join('=').trim());
    if (found === null) return null;
    relations.push(...(found[1] ?? found[2] ?? '').toLowerCase().split(/\s+/));
  }
  return relations;
}
