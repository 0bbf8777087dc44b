import { createProgressLine } from '../../controller/cli/progress.ts'

/** Shows the progress of a pass that takes three seconds, by a clock of its own. */

let now = 0
const line = createProgressLine('demo', { stderr: process.stderr, now: () => now })
for (const done of [10, 20, 40]) {
  now += 1000
  line.show({ done, total: 40 })
}
line.end()
process.stderr.write('The next line.\n')
