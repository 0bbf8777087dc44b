import type { Command } from 'commander'
import type { CliContext } from '../context.ts'
import { adoptCommand } from './adopt.ts'
import { aliasCommand } from './alias.ts'
import { consoleCommand } from './console.ts'
import { diffCommand } from './diff.ts'
import { eventsCommand } from './events.ts'
import { exportCommand } from './export.ts'
import { getCommand } from './get.ts'
import { holdCommand } from './hold.ts'
import { listCommand } from './list.ts'
import { mcpCommand } from './mcp.ts'
import { planCommand } from './plan.ts'
import { promoteCommand } from './promote.ts'
import { pushCommand } from './push.ts'
import { revokeCommand } from './revoke.ts'
import { rollbackCommand } from './rollback.ts'
import { serveCommand } from './serve.ts'
import { sourcesCommand } from './sources.ts'
import { syncCommand } from './sync.ts'
import { transferCommand } from './transfer.ts'
import { unholdCommand } from './unhold.ts'
import { versionsCommand } from './versions.ts'

/** The commands of `promptctl`, in the order of its help. */
export const COMMANDS: readonly ((context: CliContext) => Command)[] = [
  serveCommand,
  syncCommand,
  planCommand,
  sourcesCommand,
  consoleCommand,
  mcpCommand,
  adoptCommand,
  listCommand,
  getCommand,
  exportCommand,
  versionsCommand,
  diffCommand,
  eventsCommand,
  pushCommand,
  promoteCommand,
  aliasCommand,
  rollbackCommand,
  revokeCommand,
  holdCommand,
  unholdCommand,
  transferCommand,
]
