#!/usr/bin/env node
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { runCli } from './program.ts'

/** A second signal after this time ends the process at once. An earlier one may be the same Ctrl-C, which npm passes on. */
const SAME_SIGNAL_MS = 1000

const stop = new AbortController()
const onSignal = (signal: NodeJS.Signals) => {
  if (stop.signal.aborted) return
  stop.abort(new Error(`stopped by ${signal}`))
  const forget = () => void process.off('SIGINT', onSignal).off('SIGTERM', onSignal)
  setTimeout(forget, SAME_SIGNAL_MS).unref()
}
process.on('SIGINT', onSignal).on('SIGTERM', onSignal)

process.exitCode = await runCli(process.argv.slice(2), {
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
  signal: stop.signal,
})
