import { CommanderError } from 'commander'
import { RegistryError } from '../../api/contract/errors.ts'
import { ConfigError } from '../config.ts'
import { UsageError } from './context.ts'
import { withoutControls } from './output.ts'
import type { ExitCode, World } from './world.ts'

/** Why a command could not do its work, where nothing below it has the words. */
export class CommandError extends Error {
  readonly code: string

  constructor(code: string, message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'CommandError'
    this.code = code
  }
}

/** What the registry cannot know: how its caller asks again from a shell. */
const NEXT_MOVE: Readonly<Record<string, string>> = {
  unauthorized: 'promptctl sends the token in PROMPT_REGISTRY_TOKEN.',
  not_owner: 'For promptctl that is --override.',
}

/** Tells on stderr what went wrong, with the next move and the code, and gives the exit code. Never a stack trace. */
export function tellFailure(error: unknown, { stderr, signal }: World): ExitCode {
  // Commander has written what there is to say.
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
  if (signal.aborted) {
    stderr.write(`error: ${reasonOf(signal)} before it was done; run it again to go on.\n`)
    return 1
  }
  stderr.write(`error: ${withoutControls(sentenceOf(error))}\n`)
  return isWrongUse(error) ? 2 : 1
}

function sentenceOf(error: unknown): string {
  const { code, message } = (error ?? {}) as { code?: unknown; message?: unknown }
  const sentence = typeof message === 'string' && message !== '' ? message : String(error)
  if (typeof code !== 'string') return sentence
  const more = error instanceof RegistryError && NEXT_MOVE[code] !== undefined ? ` ${NEXT_MOVE[code]}` : ''
  return `${sentence}${more} [${code}]`
}

/** Repeating it unchanged can never work: an argument, an option or the configuration must be another. */
function isWrongUse(error: unknown): boolean {
  if (error instanceof UsageError || error instanceof ConfigError) return true
  return error instanceof RegistryError && error.code.startsWith('invalid_')
}

function reasonOf(signal: AbortSignal): string {
  return signal.reason instanceof Error ? signal.reason.message : 'ended'
}

const WHY_NOT_LISTENING: Readonly<Record<string, string>> = {
  EADDRINUSE: 'the port is taken; end what uses it, or choose another with --port',
  EACCES: 'the port needs more rights; choose one above 1023 with --port',
  EADDRNOTAVAIL: 'this machine does not have that address; choose another with --host',
  ENOTFOUND: 'nobody knows that name; choose another with --host',
}

/** Why the registry could not be served there, in words. */
export function addressFailure(error: unknown, host: string, port: number): unknown {
  const code = (error as NodeJS.ErrnoException).code ?? ''
  const why = WHY_NOT_LISTENING[code]
  if (why === undefined) return error
  return new CommandError(code, `Cannot listen on ${host}, port ${port}: ${why}.`, { cause: error })
}
