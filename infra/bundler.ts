/** Makes one file of a function's entry and all it needs to begin with, and files beside it of what few runs need. */
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { build, formatMessages, type Plugin } from 'esbuild';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Some packages are CommonJS and call `require`, which an ES module does not have; others import `createRequire` by that name. */
export const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/**
 * What the two files of Okta's SDK that authenticate require at their top. What is `unused` is for ways of asking that we do
 * not go, and brings tables of all file types and of all the letters of domains. What comes `later` signs proofs with an RSA
 * key: both functions resolve with what they make, and no API token needs them.
 */
const SDK_FILES: Readonly<Record<string, { readonly unused: readonly string[]; readonly later: Later }>> = {
  'http.js': {
    unused: ['form-data', './default-cache-middleware', './generated/rxjsStub', './generated/http/http'],
    later: { './dpop': 'generateDpopJwt' },
  },
  'oauth.js': { unused: [], later: { './dpop': 'generateDpopJwt', './jwt': 'makeJwt' } },
};
/** A function by the file that has it. */
type Later = Readonly<Record<string, string>>;

/** Leaves out or puts off what `SDK_FILES` says. Fails where the SDK does not require it any more, or not there. */
const lightSdk: Plugin = {
  name: 'light-okta-sdk',
  setup(made) {
    made.onLoad({ filter: /okta-sdk-nodejs[\\/]src[\\/](http|oauth)\.js$/ }, async ({ path }) => {
      const { unused, later } = SDK_FILES[basename(path)] ?? { unused: [], later: {} };
      const replaced = [
        ...unused.map((file) => [file, '({})'] as const),
        ...Object.entries(later).map(
          ([file, name]) =>
            [
              file,
              `({ ${name}: async (...all) => (await import('${file}')).default.${name}(...all) })`,
            ] as const,
        ),
      ];
      let contents = await readFile(path, 'utf8');
      for (const [file, instead] of replaced) {
        const parts = contents.split(`require('${file}')`);
        if (parts.length !== 2)
          throw new Error(`${path} does not require ${file} once, as it did: look anew at what it requires`);
        contents = parts.join(instead);
      }
      return { contents };
    });
  },
};

/** Bundles an entry, given by its path, as `index.mjs` in a folder, with the checked configuration in place of the written one. */
export async function bundle(entry: string, folder: string, config: string): Promise<void> {
  const { warnings } = await build({
    absWorkingDir: ROOT,
    entryPoints: { index: entry },
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    splitting: true,
    minify: true,
    platform: 'node',
    target: 'node24',
    format: 'esm',
    mainFields: ['module', 'main'],
    banner: { js: REQUIRE },
    alias: { '#sync.config': config },
    plugins: [lightSdk],
    // What fails is thrown.
    logLevel: 'silent',
  });
  if (warnings.length > 0) throw new Error((await formatMessages(warnings, { kind: 'warning' })).join('\n'));
}

if (import.meta.main) {
  const [, , entry = '', folder = '', config = ''] = process.argv;
  await bundle(entry, folder, config);
}
