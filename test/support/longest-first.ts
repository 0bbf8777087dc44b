import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Waits for Terraform for two minutes. */
const LONGEST = '/test/infra/platform.test.ts'

/** Starts the longest file first, even on a machine without previous runs, where vitest sorts by file size. */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const isLongest = ({ moduleId }: TestSpecification) => moduleId.endsWith(LONGEST)
    return [...sorted.filter(isLongest), ...sorted.filter((file) => !isLongest(file))]
  }
}
