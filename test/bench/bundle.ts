import { build, type BuildOptions } from 'esbuild';

/** Under a name of its own: the durable SDK, bundled, declares `createRequire` itself. */
const BANNER =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** Makes one file of an entry and all it imports, as the stack does with the functions. */
export async function bundle(
  entry: string,
  outfile: string,
  { alias = {}, mainFields = ['module', 'main'] }: Pick<BuildOptions, 'alias' | 'mainFields'> = {},
): Promise<void> {
  await build({
    entryPoints: [entry],
    outfile,
    bundle: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields,
    banner: { js: BANNER },
    alias,
    logLevel: 'error',
  });
}
