import type { Server } from 'node:http';

/** Listens on 127.0.0.1; rejects with node's own error where the port cannot be had. */
export async function listen(server: Server, port: number): Promise<{ url: string; close(): Promise<void> }> {
  // Longer than any pause in a test, so that a client's idle connection does not close under its next request.
  server.keepAliveTimeout = 60_000;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(port, '127.0.0.1', resolve);
  });
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The emulator listens on no TCP port');
  return {
    url: `http://127.0.0.1:${address.port}`,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve));
      server.closeAllConnections();
      await closed;
    },
  };
}
