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
    if (isNext(parameters)) targets.push(target);
    rest = after;
  }
  return targets;
}

/** Up to the first comma outside quotes: what follows it is the next link. */
function untilComma(text: string): { parameters: string; after: string } {
  let quoted = false;
  for (let at = 0; at < text.length; at += 1) {
    if (text[at] === '"') quoted = !quoted;
    else if (text[at] === ',' && !quoted) {
      return { parameters: text.slice(0, at), after: text.slice(at + 1).trim() };
    }
  }
  return { parameters: text, after: '' };
}

function isNext(parameters: string): boolean {
  const relations = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s;]*))/i.exec(parameters);
  const value = relations?.[1] ?? relations?.[2] ?? '';
  return value.toLowerCase().split(/\s+/).includes('next');
}
