import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { AssetHashType, DockerImage } from 'aws-cdk-lib';
import { Architecture, Code, Runtime } from 'aws-cdk-lib/aws-lambda';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const BUNDLER = fileURLToPath(new URL('bundler.ts', import.meta.url));

/** How a function is made from its entry in `lambda/`, with the checked configuration in place of the written one. */
export function bundled(entry: string, config: string) {
  return {
    code: Code.fromAsset(ROOT, {
      // What is deployed is decided by what was made, not by what it was made from.
      assetHashType: AssetHashType.OUTPUT,
      bundling: {
        // Never used: what is made here needs no other machine.
        image: DockerImage.fromRegistry('none'),
        // Tells the two functions apart, whose source is one.
        command: [entry, config],
        local: {
          // In a process of its own, since the CDK does not wait for a promise.
          tryBundle(folder) {
            const args = [BUNDLER, `${ROOT}lambda/${entry}`, folder, config];
            execFileSync(process.execPath, args, { stdio: ['ignore', process.stderr, 'inherit'] });
            return true;
          },
        },
      },
    }),
    handler: 'index.handler',
    runtime: Runtime.NODEJS_24_X,
    architecture: Architecture.ARM_64,
  };
}
