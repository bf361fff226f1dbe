import { createServer, type RequestListener } from 'node:http';
import { gzipSync } from 'node:zlib';
import { expect, onTestFinished, test } from 'vitest';
import { UsageError } from '../../../lambda/errors.ts';
import { NoAnswer, send, type Timeouts } from '../../../lambda/services/http/send.ts';
import { listen } from '../../emulators/listen.ts';
import { HeldClock } from '../../time/clock.ts';
import { silent } from '../../time/under-way.ts';
import { errorOf } from '../okta/setup.ts';

async function served(serve: RequestListener): Promise<URL> {
  const listening = await listen(createServer(serve), 0);
  onTestFinished(() => listening.close());
  return new URL(`${listening.url}/api/groups?limit=1`);
}

const get = (url: URL, headers: Readonly<Record<string, string>> = {}) => ({ method: 'GET', url, headers });
const SAYS_NOTHING: RequestListener = ({ socket }) => void silent(socket);
const STOPS_HALFWAY: RequestListener = ({ socket }, response) => {
  response.writeHead(200, { 'content-length': '100' });
  response.write('half');
  silent(socket, { answered: true });
};

test.each<[string, RequestListener, Timeouts | undefined, number, string]>([
  ['headers that do not come', SAYS_NOTHING, undefined, 10_000, 'no answer within 10 s'],
  ['a body that does not end', STOPS_HALFWAY, undefined, 15_000, 'the answer did not end within 15 s'],
  [
    'what takes too long in all',
    SAYS_NOTHING,
    { headersMs: 900, bodyMs: 900, totalMs: 250 },
    250,
    'no answer within 0.3 s',
  ],
  [
    'a body for which too little is left',
    STOPS_HALFWAY,
    { headersMs: 900, bodyMs: 900, totalMs: 400 },
    400,
    'the answer did not end within 0.4 s',
  ],
  [
    'either, where there is time in all',
    SAYS_NOTHING,
    { headersMs: 900, bodyMs: 900, totalMs: 5_000 },
    900,
    'no answer within 0.9 s',
  ],
])('%s is waited for no longer than is said', async (_, serve, timeouts, ms, words) => {
  const clock = new HeldClock();
  const begun = clock.now();
  const url = await served(serve);
  const error = await clock.run(errorOf(send(get(url), timeouts, clock)));
  expect(error).toBeInstanceOf(NoAnswer);
  expect(error.message).toBe(`GET ${url.origin}/api/groups: ${words}`);
  // It was sent, and may have taken effect.
  expect(error).toMatchObject({ unsent: false, noHost: false });
  expect(clock.now() - begun).toBe(ms);
});

test('an answer ends the wait for it: nothing goes on behind it', async () => {
  const url = await served((_, response) => void response.end('done'));
  const waits: (AbortSignal | undefined)[] = [];
  class Watched extends HeldClock {
    override sleep(ms: number, signal?: AbortSignal): Promise<void> {
      waits.push(signal);
      return super.sleep(ms, signal);
    }
  }
  await send(get(url), undefined, new Watched());
  expect(waits.map((signal) => signal?.aborted)).toEqual([true]);
});

test('a request that nobody listens to was not sent, and its host is known', async () => {
  const listening = await listen(createServer(), 0);
  await listening.close();
  const error = await errorOf(send(get(new URL(listening.url))));
  expect(error).toMatchObject({ unsent: true, noHost: false });
  expect(error.message).toContain('ECONNREFUSED');
});

test('a line that is cut leaves open whether the request took effect', async () => {
  const url = await served(({ socket }) => void socket.destroy());
  expect(await errorOf(send(get(url)))).toMatchObject({ unsent: false, noHost: false });
});

test('a redirect is an answer, and is not followed', async () => {
  const url = await served(
    (_, response) => void response.writeHead(302, { location: '/elsewhere' }).end('moved'),
  );
  expect(await send(get(url))).toMatchObject({ status: 302, text: 'moved' });
});

test('a header that cannot be sent is named, and its value is not', async () => {
  const url = await served((_, response) => void response.end('never'));
  const error = await errorOf(
    send(get(url, { accept: 'a/b', authorization: 'hunter2\nhunter2', 'x-key': 'ключ' })),
  );
  expect(error).toBeInstanceOf(UsageError);
  expect(error.message).toMatch(
    /^The value of the header authorization cannot .*\n.* header x-key cannot .*$/,
  );
  expect(error.message).not.toContain('hunter2');
});

/** What an answer of a server that answers so comes to. */
const asked = async (serve: RequestListener) => send(get(await served(serve)));
const PACKED = gzipSync('{"name":"Zoë"}');

test('an answer may come packed, as every request says', async () => {
  const { text } = await asked(({ headers }, response) => {
    response.setHeader('content-encoding', headers['accept-encoding'] ?? '').end(PACKED);
  });
  expect(text).toBe('{"name":"Zoë"}');
});

test.each([200, 204])('an answer (%i) without a body may say that it is packed', async (code) => {
  const { status, text } = await asked((_, response) => {
    response.writeHead(code, { 'content-encoding': 'gzip' }).end();
  });
  expect([status, text]).toEqual([code, '']);
});

test('an answer that says that it is packed, and is not, is none', async () => {
  const error = await errorOf(
    asked((_, response) => response.setHeader('content-encoding', 'gzip').end('{}')),
  );
  expect(error).toBeInstanceOf(NoAnswer);
});

test('a packed answer that is cut off is none', async () => {
  const error = await errorOf(
    asked((_, response) => response.setHeader('content-encoding', 'gzip').end(PACKED.subarray(0, -9))),
  );
  expect(error).toBeInstanceOf(NoAnswer);
  expect(error.message).toMatch(/^GET http:.*: unexpected end of file$/);
});

test('of half a body, people are told where the answer ended', async () => {
  const error = await errorOf(
    asked((_, response) => {
      response.setHeader('content-length', 100).write('half', () => response.destroy());
    }),
  );
  expect(error).toBeInstanceOf(NoAnswer);
  expect(error.message).toMatch(/^GET http:.*: the connection was closed in the middle of the answer$/);
});

test.each(['GZIP', 'x-gzip'])('a packed answer may say so as %s', async (coding) => {
  const { text } = await asked((_, response) => response.setHeader('content-encoding', coding).end(PACKED));
  expect(text).toBe('{"name":"Zoë"}');
});

test('an answer that is packed in a way that nobody asked for is none, and says so', async () => {
  const closed = Promise.withResolvers();
  const goesOn: RequestListener = (_, response) => {
    response.on('close', closed.resolve);
    response.setHeader('content-encoding', 'br').write('x');
  };
  const error = await errorOf(asked(goesOn));
  expect(error).toBeInstanceOf(NoAnswer);
  expect(error.message).toContain('packed as br');
  // Nobody listens to the rest of it.
  await closed.promise;
});

test('an answer that changes the protocol is none', async () => {
  const error = await errorOf(
    asked((_, response) => {
      const head = 'HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
      response.socket?.end(head);
    }),
  );
  expect(error).toBeInstanceOf(NoAnswer);
  expect(error.message).toMatch(/closed without an answer$/);
});

test('a letter that two pieces of an answer share stays whole, and a mark of the order of bytes is no text', async () => {
  const bytes = Buffer.from('\u{feff}Zoë');
  const { text } = await asked((_, response) => {
    response.write(bytes.subarray(0, -1), () => void response.end(bytes.subarray(-1)));
  });
  expect(text).toBe('Zoë');
});

test('a header that comes several times is one, joined by commas', async () => {
  const { headers } = await asked((_, response) => response.setHeader('link', ['<a>', '<b>']).end());
  expect(headers.get('link')).toBe('<a>, <b>');
});
