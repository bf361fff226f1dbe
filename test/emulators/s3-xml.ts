import type { ServerResponse } from 'node:http';

/** S3's way to word an error. */
export function problem(response: ServerResponse, status: number, code: string): void {
  const body = `<?xml version="1.0" encoding="UTF-8"?>\n<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
  response.writeHead(status, { 'content-type': 'application/xml' }).end(body);
}

export interface Entry {
  readonly key: string;
  readonly size: number;
}

/** A page of ListObjectsV2, keys in ascending order; the token of the next page is the last key of this one. */
export function listing(bucket: string, entries: readonly Entry[], query: URLSearchParams): string {
  const after = query.get('continuation-token') ?? query.get('start-after') ?? '';
  const sorted = entries.filter(({ key }) => key > after).sort((a, b) => (a.key < b.key ? -1 : 1));
  const page = sorted.slice(0, Number(query.get('max-keys') ?? 1000));
  const last = page.at(-1);
  const truncated = page.length < sorted.length && last !== undefined;
  const parts = [
    `<Name>${escaped(bucket)}</Name>`,
    `<Prefix>${escaped(query.get('prefix') ?? '')}</Prefix>`,
    `<KeyCount>${page.length}</KeyCount>`,
    `<IsTruncated>${truncated}</IsTruncated>`,
    ...(truncated ? [`<NextContinuationToken>${escaped(last.key)}</NextContinuationToken>`] : []),
    ...page.map(({ key, size }) => `<Contents><Key>${escaped(key)}</Key><Size>${size}</Size></Contents>`),
  ];
  return `<?xml version="1.0" encoding="UTF-8"?>\n<ListBucketResult>${parts.join('')}</ListBucketResult>`;
}

function escaped(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
