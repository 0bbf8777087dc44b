import type { Command } from 'commander'
import type { CliContext } from '../context.ts'

/** A command whose modules are loaded only if it runs, or for the help: loading all of them takes most of a start. */
export interface CommandEntry {
  readonly name: string
  readonly load: () => Promise<(context: CliContext) => Command>
}

/** The commands of `promptctl`, in the order of its help. */
export const COMMANDS: readonly CommandEntry[] = [
  { name: 'init', load: async () => (await import('./init.ts')).initCommand },
  { name: 'serve', load: async () => (await import('./serve.ts')).serveCommand },
  { name: 'sync', load: async () => (await import('./sync.ts')).syncCommand },
  { name: 'plan', load: async () => (await import('./plan.ts')).planCommand },
  { name: 'lint', load: async () => (await import('./lint.ts')).lintCommand },
  { name: 'sources', load: async () => (await import('./sources.ts')).sourcesCommand },
  { name: 'doctor', load: async () => (await import('./doctor.ts')).doctorCommand },
  { name: 'backup', load: async () => (await import('./backup.ts')).backupCommand },
  { name: 'restore', load: async () => (await import('./restore.ts')).restoreCommand },
  { name: 'mcp', load: async () => (await import('./mcp.ts')).mcpCommand },
  { name: 'adopt', load: async () => (await import('./adopt.ts')).adoptCommand },
  { name: 'list', load: async () => (await import('./list.ts')).listCommand },
  { name: 'get', load: async () => (await import('./get.ts')).getCommand },
  { name: 'export', load: async () => (await import('./export.ts')).exportCommand },
  { name: 'versions', load: async () => (await import('./versions.ts')).versionsCommand },
  { name: 'diff', load: async () => (await import('./diff.ts')).diffCommand },
  { name: 'events', load: async () => (await import('./events.ts')).eventsCommand },
  { name: 'push', load: async () => (await import('./push.ts')).pushCommand },
  { name: 'promote', load: async () => (await import('./promote.ts')).promoteCommand },
  { name: 'alias', load: async () => (await import('./alias.ts')).aliasCommand },
  { name: 'rollback', load: async () => (await import('./rollback.ts')).rollbackCommand },
  { name: 'revoke', load: async () => (await import('./revoke.ts')).revokeCommand },
  { name: 'hold', load: async () => (await import('./hold.ts')).holdCommand },
  { name: 'unhold', load: async () => (await import('./unhold.ts')).unholdCommand },
  { name: 'transfer', load: async () => (await import('./transfer.ts')).transferCommand },
]
