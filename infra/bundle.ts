import { fileURLToPath } from 'node:url';
import { Architecture, Runtime } from 'aws-cdk-lib/aws-lambda';
import { type NodejsFunctionProps, OutputFormat } from 'aws-cdk-lib/aws-lambda-nodejs';

const ROOT = fileURLToPath(new URL('..', import.meta.url));

/** Some packages are CommonJS and call `require`, which an ES module does not have; others import `createRequire` by that name. */
const REQUIRE =
  "import { createRequire as requireFrom } from 'node:module'; const require = requireFrom(import.meta.url);";

/** How a function is made from its entry in `lambda/`, with the checked configuration in place of the written one. */
export function bundled(entry: string, config: string) {
  return {
    entry: `${ROOT}lambda/${entry}`,
    handler: 'handler',
    projectRoot: ROOT,
    depsLockFilePath: `${ROOT}package-lock.json`,
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
    bundling: {
      format: OutputFormat.ESM,
      target: 'node24',
      mainFields: ['module', 'main'],
      banner: REQUIRE,
      minify: true,
      // What is tested is what runs: the SDK is not left to the runtime's version.
      bundleAwsSDK: true,
      esbuildArgs: { '--alias:#sync.config': config },
      forceDockerBundling: false,
    },
  } satisfies NodejsFunctionProps;
}
