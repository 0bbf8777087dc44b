import type { Reporter, SerializedError, TestModule } from 'vitest/node'

/**
 * Prints why each skipped test was skipped, then the closing line `N passed, N failed[, N skipped]`. A module or
 * suite that failed to load and an unhandled error count as failures, because their tests did not run.
 */
export default class ClosingLine implements Reporter {
  /** The closing line of an earlier run, whose counts are added. */
  readonly #before = process.env.CLOSING_LINE_BEFORE ?? ''

  onTestRunEnd(modules: readonly TestModule[], unhandled: readonly SerializedError[]): void {
    const before = (name: string) => Number(new RegExp(`(\\d+) ${name}`).exec(this.#before)?.[1] ?? 0)
    const count = {
      passed: before('passed'),
      failed: before('failed') + unhandled.length,
      skipped: before('skipped'),
    }
    const reasons = new Map<string, number>()
    for (const module of modules) {
      count.failed += module.errors().length
      for (const suite of module.children.allSuites()) count.failed += suite.errors().length
      for (const test of module.children.allTests()) {
        const result = test.result()
        if (result.state === 'passed') count.passed++
        else if (result.state === 'failed') count.failed++
        else {
          count.skipped++
          const note = (result.state === 'skipped' && result.note) || 'no reason given'
          reasons.set(note, (reasons.get(note) ?? 0) + 1)
        }
      }
    }
    for (const [reason, times] of reasons) console.log(`skipped ${times}: ${reason}`)
    const skipped = count.skipped > 0 ? `, ${count.skipped} skipped` : ''
    console.log(`\n${count.passed} passed, ${count.failed} failed${skipped}`)
  }
}
