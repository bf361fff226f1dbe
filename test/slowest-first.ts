import type { TestSpecification } from 'vitest/node';
import { BaseSequencer } from 'vitest/node';

/** Where the tests are that take longest, in processes of their own for the most part. */
const SLOWEST = ['/test/artefact/', '/test/run/', '/test/bench/', '/test/infra/', '/test/archive/lease/'];

/** Begins with what takes longest, so that no worker is alone with it in the end. By itself the runner begins with the largest files. */
export class SlowestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    const rank = ({ moduleId }: TestSpecification): number => {
      const found = SLOWEST.findIndex((folder) => moduleId.includes(folder));
      return found < 0 ? SLOWEST.length : found;
    };
    return sorted.sort((a, b) => rank(a) - rank(b));
  }
}
