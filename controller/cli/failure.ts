import { CommanderError } from 'commander'
import { RegistryError } from '../../api/contract/errors.ts'
import { ConfigError } from '../values/config-error.ts'
import type { CliRuntime, ExitCode } from './cli-runtime.ts'
import { UsageError } from './context.ts'
import { typedHints } from './hints.ts'
import { paint } from './look.ts'
import { withLines } from './output.ts'

/** A command failed, with a code and a message for its user. */
export class CommandError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'CommandError'
    this.code = code
  }
}

/** Hints for the shell, by the code of the registry's error. */
const NEXT_MOVE: Readonly<Record<string, string>> = {
  unauthorized: 'promptctl reads the token from PROMPT_REGISTRY_TOKEN.',
  not_owner: 'With promptctl, use --override.',
}

/** Writes the message, the hint and the code to stderr, never a stack trace. Returns the exit code. */
export function tellFailure(error: unknown, runtime: CliRuntime): ExitCode {
  const { stderr, signal } = runtime
  // Commander has printed the message.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (signal.aborted) {
    stderr.write(`error: ${reasonOf(signal)} before it finished. Run it again to continue.\n`)
    return 1
  }
  const sentence = withLines(typedHints(sentenceOf(error), runtime))
  stderr.write(`${paint(runtime, stderr, 'bad', 'error:')} ${sentence}\n`)
  return isWrongUse(error) ? 2 : 1
}

function sentenceOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const sentence = typeof message === 'string' && message !== '' ? message : String(error)
  if (typeof code !== 'string') return sentence
  const more = error instanceof RegistryError && NEXT_MOVE[code] !== undefined ? ` ${NEXT_MOVE[code]}` : ''
  return `${sentence}${more} [${code}]`
}

/** Whether an argument, an option or the configuration must change before another try. */
function isWrongUse(error: unknown): boolean {
  if (error instanceof UsageError || error instanceof ConfigError) return true
  return error instanceof RegistryError && error.code.startsWith('invalid_')
}

function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : 'stopped'
}

/** The options or keys that choose an address. */
export interface AddressNames {
  readonly port: string
  readonly host: string
}

const OPTIONS: AddressNames = { port: '--port', host: '--host' }

const WHY_NOT_LISTENING: Readonly<Record<string, (names: AddressNames) => string>> = {
  EADDRINUSE: ({ port }) => `the port is in use; stop the other program, or choose another port with ${port}`,
  EACCES: ({ port }) => `no permission for this port; choose one above 1023 with ${port}`,
  EADDRNOTAVAIL: ({ host }) => `this machine does not have this address; choose another with ${host}`,
  ENOTSUP: () => 'threads of this system cannot share a port; use --workers 1',
  ENOTFOUND: ({ host }) => `the host name is unknown; choose another with ${host}`,
}

/** Explains why the server cannot listen on this address. */
export function addressFailure(error: unknown, host: string, port: number, names = OPTIONS): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const why = WHY_NOT_LISTENING[code]?.(names)
  if (why === undefined) return error
  return new CommandError(code, `Cannot listen on ${host}, port ${port}: ${why}.`, { cause: error })
}
