import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { planCommand } from './plan.ts'
import { serveCommand } from './serve.ts'
import { syncCommand } from './sync.ts'

/** Every command of `promptctl`, in the order of its help. */
export const COMMANDS: readonly ((context: CliContext) => Command)[] = [
  serveCommand,
  syncCommand,
  planCommand,
]
