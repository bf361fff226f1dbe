import { createHash } from 'node:crypto';
import { checksum } from './s3-body.ts';
import { type Answer, problem, result } from './s3-xml.ts';

const LEAST_BYTES = 5 * 1024 ** 2;

interface Part {
  readonly body: Buffer;
  readonly etag: string;
}

/** A multipart upload that was begun and neither completed nor aborted. */
export interface S3Upload {
  /** `bucket/key`. */
  readonly name: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly parts: Map<number, Part>;
}

/** What became of an upload: an object to store, or an error. */
export type Completed =
  { readonly answer: Answer } | { readonly upload: S3Upload; readonly body: Buffer; readonly etag: string };

/** The uploads under way. As strict as S3: a part below 5 MiB (but the last), or one without its checksum, is refused. */
export class S3Uploads {
  readonly open = new Map<string, S3Upload>();
  #begun = 0;

  create(name: string, metadata: Readonly<Record<string, string>>): Answer {
    const id = `upload-${++this.#begun}`;
    this.open.set(id, { name, metadata, parts: new Map() });
    return result('InitiateMultipartUploadResult', [['UploadId', id]]);
  }

  part(name: string, id: string, number: number, body: Buffer): Answer {
    const upload = this.#find(name, id);
    if (upload === null) return problem(404, 'NoSuchUpload');
    if (!Number.isInteger(number) || number < 1 || number > 10_000) return problem(400, 'InvalidArgument');
    const etag = `"${createHash('md5').update(body).digest('hex')}"`;
    upload.parts.set(number, { body, etag });
    return { status: 200, headers: { etag, 'x-amz-checksum-crc32': checksum(body) }, body: '' };
  }

  complete(name: string, id: string, request: string): Completed {
    const upload = this.#find(name, id);
    if (upload === null) return { answer: problem(404, 'NoSuchUpload') };
    const claimed = [...request.matchAll(/<Part>(.*?)<\/Part>/gs)].map(([, part = '']) => ({
      number: Number(field(part, 'PartNumber')),
      etag: field(part, 'ETag'),
      crc: field(part, 'ChecksumCRC32'),
    }));
    const bodies: Buffer[] = [];
    for (const [index, { number, etag, crc }] of claimed.entries()) {
      const part = upload.parts.get(number);
      if (crc === '') return { answer: problem(400, 'InvalidRequest') };
      if (part?.etag !== etag || checksum(part.body) !== crc) return { answer: problem(400, 'InvalidPart') };
      if (number <= (claimed[index - 1]?.number ?? 0)) return { answer: problem(400, 'InvalidPartOrder') };
      const last = index === claimed.length - 1;
      if (!last && part.body.length < LEAST_BYTES) return { answer: problem(400, 'EntityTooSmall') };
      bodies.push(part.body);
    }
    if (bodies.length === 0) return { answer: problem(400, 'MalformedXML') };
    this.open.delete(id);
    const body = Buffer.concat(bodies);
    const hash = createHash('md5').update(body).digest('hex');
    return { upload, body, etag: `"${hash}-${bodies.length}"` };
  }

  abort(name: string, id: string): Answer {
    if (this.#find(name, id) === null) return problem(404, 'NoSuchUpload');
    this.open.delete(id);
    return { status: 204, headers: {}, body: '' };
  }

  #find(name: string, id: string): S3Upload | null {
    const upload = this.open.get(id);
    return upload?.name === name ? upload : null;
  }
}

function field(xml: string, tag: string): string {
  const text = new RegExp(`<${tag}>(.*?)</${tag}>`, 's').exec(xml)?.[1] ?? '';
  return text.replaceAll('&quot;', '"').replaceAll('&#34;', '"').replaceAll('&amp;', '&');
}
