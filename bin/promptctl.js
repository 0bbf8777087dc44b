#!/usr/bin/env node
// Starts promptctl: from its sources in a checkout, from dist when it is installed. Runs on old versions of Node too,
// to say which one is needed.
import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const NEEDED = [22, 18]
const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url))

const [major, minor] = process.versions.node.split('.').map(Number)
const isNew = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
const ownNode = path('node_modules/node/bin/node')
const isCheckout = existsSync(path('controller/cli/main.ts'))

if (isNew) {
  const emit = process.emitWarning
  // SQLite is marked experimental in Node 22, which tells an operator nothing.
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] !== 'ExperimentalWarning') emit.call(process, warning, ...rest)
  }
  await import(isCheckout ? '../controller/cli/main.ts' : '../dist/controller/cli/main.js')
} else if (existsSync(ownNode)) {
  const script = fileURLToPath(import.meta.url)
  const { status, signal } = spawnSync(ownNode, [script, ...process.argv.slice(2)], { stdio: 'inherit' })
  if (signal) process.kill(process.pid, signal)
  process.exitCode = status ?? 1
} else {
  const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'))
  console.error(
    `promptctl ${version} needs Node ${NEEDED.join('.')} or newer; this is ${process.version}. Install a newer Node, or run npm ci without --ignore-scripts in a checkout, which brings its own.`,
  )
  process.exitCode = 1
}
