import type { Command } from 'commander'
import { auditCsv } from '../../../api/contract/audit/audit-csv.ts'
import type { AuditRow } from '../../../api/contract/audit/audit-row.ts'
import { type AuditPeriod, AuditTrail, servedWithin } from '../../../api/contract/audit/audit-trail.ts'
import { withSets } from '../../../api/contract/audit/with-sets.ts'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { Json } from '../../../api/contract/version.ts'
import { fewNames, NONE, shortText, time } from '../cells.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { type CliContext, newCommand, outputOption, UsageError, wantsJson } from '../context.ts'
import {
  ENVIRONMENT_NOTES,
  type EnvironmentOptions,
  type NamedRegistry,
  withEnvironmentOptions,
  withEnvironments,
} from '../environments.ts'
import { printJson, printNote } from '../output.ts'
import { parseFrom, parseTo } from '../period.ts'
import { printTable } from '../table.ts'

interface AuditOptions extends EnvironmentOptions, AuditPeriod {}

const NOTES = `Each row is one stay of a version in service: who asked for it, who approved and signed its tag, which evaluation
passed, what changed, and from when until when it served. A version that served twice has two rows. Names marked
"claimed" could not be verified.

${ENVIRONMENT_NOTES}`

export function auditCommand({ runtime }: CliContext): Command {
  const command = newCommand('audit', 'Show who released what, when it served, and who approved it', {
    group: 'read',
    examples: [
      'audit --from 2026-01-01 --to 2026-01-31',
      'audit support/ -o csv > audit.csv',
      'audit --name production --with staging=https://prompts.example.com -o json',
    ],
    notes: NOTES,
  })
    .argument('[prefix]', 'Only prompts whose id has this prefix')
    .option('--from <time>', 'Only what served after this day or time (UTC)', parseFrom)
    .option(
      '--to <time>',
      'Only what began to serve before the end of this day, or before this time',
      parseTo,
    )
    .addOption(outputOption(['csv']))
  return withEnvironmentOptions(command).action(async (prefix = '', options: AuditOptions) => {
    const { from, to } = options
    if (from !== undefined && to !== undefined && from >= to)
      throw new UsageError('--from is not before --to. Swap them.')
    const rows = await withEnvironments(options, runtime, async (environments) =>
      (await Promise.all(environments.map((one) => read(one, prefix, { from, to })))).flat(),
    )
    print(runtime, rows, options)
  })
}

/** The feed begins with the oldest event, so it is read as a whole. */
async function read(
  { name, api }: NamedRegistry,
  prefix: string,
  period: AuditPeriod,
): Promise<readonly AuditRow[]> {
  const trail = new AuditTrail(name)
  let page = await api.feed({ limit: LIMITS.page })
  for (;;) {
    for (const event of page.events) if (event.prompt_id.startsWith(prefix)) trail.add(event)
    if (!page.more || page.next_cursor === null) break
    page = await api.feed({ limit: LIMITS.page, cursor: page.next_cursor })
  }
  const rows = trail.rows().filter((row) => servedWithin(row, period))
  return await withSets(rows, api)
}

function print(runtime: CliRuntime, rows: readonly AuditRow[], options: AuditOptions): void {
  if (options.output === 'csv') runtime.stdout.write(auditCsv(rows))
  else if (wantsJson(options)) printJson(runtime, { rows })
  else if (rows.length === 0) printNote(runtime, 'Nothing served in this time.')
  else printRows(runtime, rows, options)
}

/** Only rows of registries with names need the column: otherwise it would repeat one address. */
function printRows(runtime: CliRuntime, rows: readonly AuditRow[], options: AuditOptions): void {
  const named = options.name !== undefined || options.with !== undefined
  const columns = named ? 0 : 1
  const cells = rows.map((row) => cellsOf(row).slice(columns))
  printTable(runtime, HEADINGS.slice(columns), cells, { drop: DROP })
}

const HEADINGS = [
  ...['environment', 'prompt', 'release', 'version', 'served from (UTC)', 'until (UTC)', 'asked', 'approved'],
  ...['signed', 'evidence', 'changed', 'stopped'],
]
const DROP = ['environment', 'version', 'evidence', 'stopped', 'signed', 'changed', 'approved']

function cellsOf(row: AuditRow): string[] {
  const { environment, prompt_id, release, version, served_from, served_until, stopped } = row
  const when = [time(served_from), served_until === null ? 'now' : time(served_until)]
  const who = [askedCell(row), approvedCell(row), row.signed ?? NONE]
  const evidence = row.evidence.map(evidenceText).join(', ') || NONE
  const what = [changedCell(row), stopped === null ? NONE : stopped.act.replaceAll('_', ' ')]
  return [environment, prompt_id, release ?? NONE, version, ...when, ...who, evidence, ...what]
}

function askedCell({ asked, tag }: AuditRow): string {
  if (asked === null) return NONE
  if (asked.by === 'source') return `restored from git by ${asked.actor}`
  if (asked.by === 'tag') return `tag ${tag?.name ?? NONE} by ${tag?.tagger ?? 'an unknown tagger'}`
  return `${asked.act.replaceAll('_', ' ')} by ${asked.actor}`
}

function approvedCell({ approved }: AuditRow): string {
  if (approved === null) return NONE
  if (approved.pull_request === null) return 'no pull request'
  return `#${approved.pull_request} by ${approved.by.length === 0 ? 'nobody' : fewNames(approved.by)}`
}

/** Such as `eval PASSED`. */
function evidenceText(evidence: Json): string {
  const { name, result } = (evidence ?? {}) as { readonly name?: Json; readonly result?: Json }
  return shortText([name, result].filter((part) => typeof part === 'string').join(' '))
}

function changedCell({ changed: { from, parts } }: AuditRow): string {
  if (from === null) return 'new'
  return parts === null ? `from ${from}` : `${parts.join(', ') || 'nothing that is served'} since ${from}`
}
