import diagnostics from 'node:diagnostics_channel'
import { Writable } from 'node:stream'
import { setTimeout as pause } from 'node:timers/promises'
import type { CliRuntime } from '../../controller/cli/cli-runtime.ts'
import { runCli } from '../../controller/cli/program.ts'
import { countStatements } from './count-statements.ts'
import { childSeconds, ownSeconds } from './cpu.ts'

/** A child process for benchmarks: one `promptctl sync` in this folder. Sends what it took. */
export interface SyncCosts {
  readonly code: number
  readonly statements: number
  readonly processes: number
  /** Of this process, without git. */
  readonly cpuSeconds: number
  /** Of its git processes. */
  readonly gitSeconds: number
  readonly seconds: number
  readonly megabytes: number
  readonly output: string
}

const statements = countStatements()
let processes = 0
diagnostics.subscribe('child_process', () => processes++)

let output = ''
const stream = () =>
  new Writable({
    write(text, _encoding, done) {
      output += text
      done()
    },
  })
const runtime: CliRuntime = {
  ...{ stdout: stream(), stderr: stream(), stdin: process.stdin, env: process.env, cwd: process.cwd() },
  ...{ hostname: 'bench', instance: String(process.pid), now: Date.now, random: Math.random, fetch },
  pause: (ms, signal) => pause(ms, undefined, { signal }),
  signal: new AbortController().signal,
}
const start = performance.now()
const code = await runCli(['sync'], runtime)
const { maxRSS } = process.resourceUsage()
process.send?.({
  ...{ code, statements: statements(), processes, output },
  ...{ cpuSeconds: ownSeconds(), gitSeconds: childSeconds() },
  seconds: (performance.now() - start) / 1000,
  megabytes: maxRSS / 1024,
} satisfies SyncCosts)
process.disconnect()
