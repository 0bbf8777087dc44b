#!/usr/bin/env node
// Starts promptctl: from its sources in a checkout, from dist when it is installed. Runs on old versions of Node too,
// to say which one is needed.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import * as module from 'node:module'
import { fileURLToPath } from 'node:url'

const NEEDED = [22, 18]
const path = (relative) => fileURLToPath(new URL(`../${relative}`, import.meta.url))

const [major, minor] = process.versions.node.split('.').map(Number)
const isNew = major > NEEDED[0] || (major === NEEDED[0] && minor >= NEEDED[1])
const ownNode = path('node_modules/node/bin/node')
const isCheckout = existsSync(path('controller/cli/main.ts'))

if (isNew && process.argv.length === 3 && /^(-V|--version)$/.test(process.argv[2])) {
  console.log(JSON.parse(readFileSync(path('package.json'), 'utf8')).version)
} else if (isNew) {
  keepCompiledCode()
  const emit = process.emitWarning
  // SQLite is marked experimental in Node 22, which tells an operator nothing.
  process.emitWarning = (warning, ...rest) => {
    if (rest[0] !== 'ExperimentalWarning') emit.call(process, warning, ...rest)
  }
  await import(isCheckout ? '../controller/cli/main.ts' : '../dist/bundle/cli/main.js')
} else if (existsSync(ownNode)) {
  runWith(ownNode)
} else {
  const { version } = JSON.parse(readFileSync(path('package.json'), 'utf8'))
  console.error(
    `promptctl ${version} needs Node ${NEEDED.join('.')} or newer; this is ${process.version}. Install a newer Node, or run npm ci without --ignore-scripts in a checkout, which brings its own.`,
  )
  process.exitCode = 1
}

/**
 * Most of a start is the compiler's work, which V8 can keep. Not in Node's default folder, which is shared by all accounts
 * of the machine.
 */
function keepCompiledCode() {
  const { XDG_CACHE_HOME, HOME, NODE_COMPILE_CACHE } = process.env
  const cache = XDG_CACHE_HOME || (HOME && `${HOME}/.cache`)
  if (NODE_COMPILE_CACHE !== undefined || !cache) return
  module.enableCompileCache(`${cache}/promptctl`)
  // For the worker threads of serve.
  process.env.NODE_COMPILE_CACHE = `${cache}/promptctl`
}

/** Runs promptctl with another Node, passes on signals, and ends as it does. */
function runWith(node) {
  const forward = (signal) => child.kill(signal)
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP']
  // Before the start, so that no signal ends this process alone.
  for (const signal of signals) process.on(signal, forward)
  const args = [fileURLToPath(import.meta.url), ...process.argv.slice(2)]
  const child = spawn(node, args, { stdio: 'inherit' })
  child.on('error', (error) => {
    console.error(`promptctl could not start ${node}: ${error.message}. Run npm ci again.`)
    process.exitCode = 1
  })
  child.on('exit', (code, endedBy) => {
    // At once: a process that ends by itself takes its signal handlers away first, and another Ctrl-C would kill it.
    if (!endedBy) process.exit(code)
    for (const signal of signals) process.off(signal, forward)
    process.kill(process.pid, endedBy)
  })
}
