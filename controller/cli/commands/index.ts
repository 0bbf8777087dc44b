import type { CommandEntry } from '../command-entry.ts'
import { COMMAND_NAMES, type CommandName } from '../command-names.ts'

const LOADERS: Readonly<Record<CommandName, CommandEntry['load']>> = {
  init: async () => (await import('./init.ts')).initCommand,
  serve: async () => (await import('./serve.ts')).serveCommand,
  sync: async () => (await import('./sync.ts')).syncCommand,
  plan: async () => (await import('./plan.ts')).planCommand,
  drift: async () => (await import('./drift.ts')).driftCommand,
  lint: async () => (await import('./lint.ts')).lintCommand,
  attest: async () => (await import('./attest.ts')).attestCommand,
  sources: async () => (await import('./sources.ts')).sourcesCommand,
  console: async () => (await import('./console.ts')).consoleCommand,
  doctor: async () => (await import('./doctor.ts')).doctorCommand,
  backup: async () => (await import('./backup.ts')).backupCommand,
  restore: async () => (await import('./restore.ts')).restoreCommand,
  completion: async () => (await import('./completion.ts')).completionCommand(COMMANDS),
  mcp: async () => (await import('./mcp.ts')).mcpCommand,
  adopt: async () => (await import('./adopt.ts')).adoptCommand,
  list: async () => (await import('./list.ts')).listCommand,
  get: async () => (await import('./get.ts')).getCommand,
  files: async () => (await import('./files.ts')).filesCommand,
  export: async () => (await import('./export.ts')).exportCommand,
  verify: async () => (await import('./verify.ts')).verifyCommand,
  convert: async () => (await import('./convert.ts')).convertCommand,
  versions: async () => (await import('./versions.ts')).versionsCommand,
  diff: async () => (await import('./diff.ts')).diffCommand,
  sets: async () => (await import('./sets.ts')).setsCommand,
  events: async () => (await import('./events.ts')).eventsCommand,
  audit: async () => (await import('./audit.ts')).auditCommand,
  reads: async () => (await import('./reads.ts')).readsCommand,
  watch: async () => (await import('./watch.ts')).watchCommand,
  push: async () => (await import('./push.ts')).pushCommand,
  promote: async () => (await import('./promote.ts')).promoteCommand,
  alias: async () => (await import('./alias.ts')).aliasCommand,
  rollback: async () => (await import('./rollback.ts')).rollbackCommand,
  revoke: async () => (await import('./revoke.ts')).revokeCommand,
  hold: async () => (await import('./hold.ts')).holdCommand,
  unhold: async () => (await import('./unhold.ts')).unholdCommand,
  transfer: async () => (await import('./transfer.ts')).transferCommand,
}

/** The commands of `promptctl`, in the order of its help. */
export const COMMANDS: readonly CommandEntry[] = COMMAND_NAMES.map((name) => ({ name, load: LOADERS[name] }))
