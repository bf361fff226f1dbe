export interface Answer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Buffer;
}

/** S3's way to word an error. */
export function problem(status: number, code: string): Answer {
  return xml(status, `<Error><Code>${code}</Code><Message>${code}</Message></Error>`);
}

/** A result of flat elements. */
export function result(name: string, elements: readonly (readonly [string, string])[]): Answer {
  const content = elements.map(([tag, text]) => `<${tag}>${escaped(text)}</${tag}>`).join('');
  return xml(200, `<${name}>${content}</${name}>`);
}

export interface Entry {
  readonly key: string;
  readonly size: number;
}

/**
 * A page of ListObjectsV2, keys in ascending order; the token of the next page is the last key of this one. With a delimiter,
 * all keys that are the same up to it are one common prefix, which counts like a key.
 */
export function listing(
  bucket: string,
  entries: readonly Entry[],
  query: URLSearchParams,
  most: number,
): Answer {
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const [prefix, delimiter] = [query.get('prefix') ?? '', query.get('delimiter') ?? ''];
  const folderOf = (key: string) => {
    const end = delimiter === '' ? -1 : key.indexOf(delimiter, prefix.length);
    return end < 0 ? null : key.slice(0, end + delimiter.length);
  };
  const rows = new Map(
    entries
      .filter(({ key }) => key > after && (folderOf(key) ?? key) !== after)
      .map((entry) => {
        const folder = folderOf(entry.key);
        return [folder ?? entry.key, { key: folder ?? entry.key, size: folder === null ? entry.size : null }];
      }),
  );
  const sorted = [...rows.values()].sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = sorted.slice(0, Math.min(most, Number(query.get('max-keys') ?? most)));
  const last = page.at(-1);
  const truncated = page.length < sorted.length && last !== undefined;
  const parts = [
    `<Name>${escaped(bucket)}</Name>`,
    `<Prefix>${escaped(query.get('prefix') ?? '')}</Prefix>`,
    `<KeyCount>${page.length}</KeyCount>`,
    `<IsTruncated>${truncated}</IsTruncated>`,
    ...(truncated ? [`<NextContinuationToken>${escaped(last.key)}</NextContinuationToken>`] : []),
    ...page.map(({ key, size }) =>
      size === null
        ? `<CommonPrefixes><Prefix>${escaped(key)}</Prefix></CommonPrefixes>`
        : `<Contents><Key>${escaped(key)}</Key><Size>${size}</Size></Contents>`,
    ),
  ];
  return xml(200, `<ListBucketResult>${parts.join('')}</ListBucketResult>`);
}

function xml(status: number, content: string): Answer {
  const headers = { 'content-type': 'application/xml' };
  return { status, headers, body: `<?xml version="1.0" encoding="UTF-8"?>\n${content}` };
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
