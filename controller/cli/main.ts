#!/usr/bin/env node
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { setFlagsFromString } from 'node:v8'
import { runCli } from './program.ts'
import { stopOnSignals } from './stop-signals.ts'

const signal = stopOnSignals(process)

const code = await runCli(process.argv.slice(2), {
  stdout: process.stdout,
  stderr: process.stderr,
  stdin: process.stdin,
  env: process.env,
  cwd: process.cwd(),
  hostname: hostname(),
  instance: randomUUID(),
  now: Date.now,
  random: Math.random,
  pause: async (ms, signal) => await pause(ms, undefined, signal === undefined ? {} : { signal }),
  fetch,
  signal,
  // V8 lets it grow fourfold between collections, and keeps pages that are freed.
  growHeapSlowly: () => setFlagsFromString('--heap-growing-percent=60'),
})
process.exitCode = code
// A process that ends by itself takes its signal handlers away first, and another Ctrl-C would kill it.
if (signal.aborted) process.stderr.write('', () => process.exit(code))
