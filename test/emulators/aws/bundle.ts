import { build } from 'esbuild';

/** Under a name of its own: the durable SDK, bundled, declares `createRequire` itself. */
const BANNER =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** Bundles a Lambda entry as the stack does: ESM for Node 24 with the AWS SDK in, and `require` for what needs it. */
export async function bundle(entry: string, outfile: string): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: BANNER },
    logLevel: 'error',
  });
}
