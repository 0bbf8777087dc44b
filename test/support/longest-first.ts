import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** The files that take longest on a quiet machine. Update it when the slowest files change. */
const LONGEST = [
  'controller/sets.aws',
  'contract/git-source.github',
  'contract/git-source',
  'controller/lambda/handler',
  'controller/histories.property',
  // Of the slow suite. The emulator of the AWS files is started again for those that are not here.
  'infra/platform',
  'e2e/rules-releases',
  'e2e/status-says-what-is-so',
  'api/store/aws/faults',
  'e2e/kill',
  'scripts/action',
  'controller/source/git',
  'contract/git-source.old-http',
  'console/accessibility',
  'console/journeys',
  'conformance/python',
  'e2e/replay',
  'controller/cli/terminal',
]

/**
 * Starts the longest files first, so that none of them ends alone, even on a machine without previous runs, where
 * vitest sorts by file size.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files)
    const rank = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((name) => moduleId.endsWith(`/test/${name}.test.ts`))
      return found === -1 ? LONGEST.length : found
    }
    return sorted.toSorted((a, b) => rank(a) - rank(b))
  }
}
