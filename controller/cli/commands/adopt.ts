import type { Command } from 'commander'
import type { AdoptReport } from '../../../api/store/aws/index.ts'
import type { CliRuntime } from '../cli-runtime.ts'
import { actorOf } from '../connection.ts'
import { type CliContext, newCommand, UsageError, wantsJson } from '../context.ts'
import { DRY_RUN, type DryRunOptions, resultOf } from '../dry-run.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'

interface AdoptCommandOptions extends CommonOptions, DryRunOptions {
  readonly table: string
  readonly bucket: string
  readonly reset?: boolean
}

const NOTES = `Seeded prompts are served without adoption, but listed only after it. Adoption needs AWS credentials that
can read and write the table and the bucket. It does not change content, and you can stop and repeat it. If a preview
of the registry wrote to the table, use --reset once: it removes the rows of the preview and keeps all content.`

export function adoptCommand({ runtime, exit }: CliContext): Command {
  return newCommand('adopt', 'Adopt the prompts that Terraform seeded in DynamoDB', {
    group: 'run',
    examples: ['adopt --table acme-prod-prompts --bucket acme-prod-prompts'],
    notes: NOTES,
  })
    .requiredOption('--table <name>', 'DynamoDB table')
    .requiredOption('--bucket <name>', 'S3 bucket of the content')
    .option('--reset', 'First remove the rows of a preview of the registry')
    .option(...DRY_RUN)
    .action(async ({ table, bucket, reset = false, ...options }: AdoptCommandOptions) => {
      if (reset && options.dryRun === true)
        throw new UsageError(
          '--reset does not work with --dry-run: adoption depends on the rows that it removes.',
        )
      // No other command needs the AWS SDK.
      const { openPlatformStore } = await import('../platform-store.ts')
      const store = openPlatformStore({ table, bucket }, runtime)
      const rows = reset ? await store.resetPreview((done) => tellRows(runtime, done)) : null
      const report = await store.adoptSeeded({
        actor: actorOf(runtime),
        dryRun: options.dryRun === true,
        onProgress: ({ adopted, refused }) => tell(runtime, adopted.length + refused.length),
      })
      if (wantsJson(options)) printJson(runtime, rows === null ? report : { ...report, reset_rows: rows })
      else {
        if (rows !== null) printLine(runtime, `${rows} rows of a preview were removed.`)
        printAdoption(runtime, report, options)
      }
      if (report.refused.length > 0) exit(1)
    })
}

const PRINT_EVERY = 100

function tell({ stderr }: CliRuntime, done: number): void {
  if (done % PRINT_EVERY === 0) stderr.write(`adopt: ${done} prompts so far\n`)
}

function tellRows({ stderr }: CliRuntime, done: number): void {
  if (done % PRINT_EVERY === 0) stderr.write(`adopt: ${done} rows removed so far\n`)
}

function printAdoption(runtime: CliRuntime, { adopted, refused }: AdoptReport, options: DryRunOptions): void {
  const done = adopted.length === 1 ? '1 prompt was' : `${adopted.length} prompts were`
  const others = refused.length > 0 ? `, ${refused.length} could not be` : ''
  printLine(runtime, resultOf(`${done} adopted${others}.`, options))
  for (const { promptId, reason } of refused) printLine(runtime, `  ${promptId}: ${reason}`)
}
