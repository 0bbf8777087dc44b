// Preloaded into promptctl by benchmarks: at the end, writes what the process took to the file of SYNC_COSTS. JavaScript,
// because Node would load its compiler for TypeScript.
import diagnostics from 'node:diagnostics_channel'
import { readFileSync, writeFileSync } from 'node:fs'
import { StatementSync } from 'node:sqlite'

const TICKS_A_SECOND = 100

let statements = 0
for (const method of ['get', 'all', 'run', 'iterate']) {
  const original = StatementSync.prototype[method]
  StatementSync.prototype[method] = function counted(...values) {
    statements++
    return original.apply(this, values)
  }
}
let processes = 0
diagnostics.subscribe('child_process', () => processes++)

process.on('exit', () => {
  const { user, system } = process.cpuUsage()
  // Of the child processes that have ended.
  const fields = readFileSync('/proc/self/stat', 'utf8').split(') ')[1].split(' ')
  const costs = {
    ...{ statements, processes },
    cpuSeconds: (user + system) / 1e6,
    gitSeconds: (Number(fields[13]) + Number(fields[14])) / TICKS_A_SECOND,
    megabytes: process.resourceUsage().maxRSS / 1024,
  }
  writeFileSync(process.env.SYNC_COSTS, JSON.stringify(costs))
})
