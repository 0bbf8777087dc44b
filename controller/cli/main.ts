#!/usr/bin/env node
import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { setTimeout as pause } from 'node:timers/promises'
import { runCli } from './program.ts'

const stop = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM'] as const)
  process.once(signal, () => stop.abort(new Error(`stopped by ${signal}`)))

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
