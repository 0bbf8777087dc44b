import type { Command } from 'commander'
import type { CliContext } from './context.ts'

/** A command whose modules are loaded only if it runs, or for the help: loading all of them takes most of a start. */
export interface CommandEntry {
  readonly name: string
  readonly load: () => Promise<(context: CliContext) => Command>
}
