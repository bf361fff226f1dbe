import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { isJsonObject, type Json, parseJson } from '../json.ts';
import { listen } from '../listen.ts';

/** Goes wrong with one request: `deny` and `fail` answer as the service does, `hang` never answers. */
export type SecretsFault = 'deny' | 'fail' | 'hang';

export interface SecretsManagerEmulator {
  readonly url: string;
  /** What each secret holds, by ARN; `null`: it exists and has no value yet. */
  readonly secrets: Map<string, string | Uint8Array | null>;
  /** The ARN of every request, in the order they came in. */
  readonly requests: readonly string[];
  /** The next request meets the fault; several faults queue up. */
  fault(fault: SecretsFault): void;
  close(): Promise<void>;
}

interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** A stand-in for Secrets Manager: GetSecretValue, by ARN. Signatures are not checked. */
export async function startSecretsManager(): Promise<SecretsManagerEmulator> {
  const secrets = new Map<string, string | Uint8Array | null>();
  const requests: string[] = [];
  const faults: SecretsFault[] = [];

  function serve(target: string, id: string): Answer {
    if (target !== 'secretsmanager.GetSecretValue') return problem(400, 'UnknownOperationException', target);
    const value = secrets.get(id);
    if (value === undefined) return missing("Secrets Manager can't find the specified secret.");
    if (value === null) {
      return missing("Secrets Manager can't find the specified secret value for staging label: AWSCURRENT");
    }
    const content =
      typeof value === 'string'
        ? { SecretString: value }
        : { SecretBinary: Buffer.from(value).toString('base64') };
    const version = { VersionId: 'emulated-version', VersionStages: ['AWSCURRENT'] };
    return { status: 200, body: { ARN: id, Name: 'emulated', ...version, ...content } };
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = parseJson(await text(request));
    const id = isJsonObject(body) && typeof body['SecretId'] === 'string' ? body['SecretId'] : '';
    requests.push(id);
    const fault = faults.shift();
    if (fault === 'hang') return;
    const { status, body: said } =
      fault === 'deny'
        ? problem(400, 'AccessDeniedException', `User: emulated is not authorized to perform it on ${id}`)
        : fault === 'fail'
          ? problem(500, 'InternalServiceError', 'An error occurred on the server side.')
          : serve(String(request.headers['x-amz-target']), id);
    response.writeHead(status, { 'content-type': 'application/x-amz-json-1.1' }).end(JSON.stringify(said));
  }

  const server = createServer((request, response) => {
    answer(request, response).catch(() => response.destroy());
  });
  const { url, ...listening } = await listen(server, 0);
  return {
    url,
    secrets,
    requests,
    fault: (fault) => void faults.push(fault),
    close: () => listening.close(),
  };
}

function missing(message: string): Answer {
  return problem(400, 'ResourceNotFoundException', message);
}

function problem(status: number, type: string, message: string): Answer {
  return { status, body: { __type: type, message } };
}
