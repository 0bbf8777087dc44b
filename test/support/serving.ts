import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import { isolatedGitEnvironment } from './git-repository.ts'

/** `promptctl serve` as a separate process, as a user starts it. */
export interface ServingProcess {
  /** The output on stdout once it matches. Rejects if the process exits before. */
  until(pattern: RegExp): Promise<string>
  /** Stops it. Returns its exit code and its whole output. */
  end(): Promise<{ readonly code: number | null; readonly out: string; readonly err: string }>
}

const path = (name: string) => fileURLToPath(new URL(`../../${name}`, import.meta.url))
const PROGRAM = ['--disable-warning=ExperimentalWarning', path('controller/cli/main.ts'), 'serve']

export function startServing(
  cwd: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
): ServingProcess {
  const child = spawn(path('node_modules/.bin/node'), [...PROGRAM, ...args], {
    cwd,
    env: { ...isolatedGitEnvironment(), ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  onTestFinished(() => void child.kill('SIGKILL'))
  const said = { out: '', err: '' }
  const closed = once(child, 'close')
  child.stdout.on('data', (chunk) => {
    said.out += chunk
  })
  child.stderr.on('data', (chunk) => {
    said.err += chunk
  })
  return {
    async until(pattern) {
      while (!pattern.test(said.out)) {
        if (child.exitCode !== null) throw new Error(`It ended early: ${said.out}${said.err}`)
        await Promise.race([once(child.stdout, 'data'), closed])
      }
      return said.out
    },
    async end() {
      child.kill('SIGTERM')
      await closed
      return { code: child.exitCode, ...said }
    },
  }
}
