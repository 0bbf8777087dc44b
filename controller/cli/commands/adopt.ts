import type { Command } from 'commander'
import type { AdoptReport } from '../../../api/store/aws/index.ts'
import { actorOf } from '../connection.ts'
import { type CliContext, newCommand, wantsJson } from '../context.ts'
import type { CommonOptions } from '../options.ts'
import { printJson, printLine } from '../output.ts'
import type { World } from '../world.ts'

interface AdoptOptions extends CommonOptions {
  readonly table: string
  readonly bucket: string
}

const NOTES = `Prompts that Terraform seeded are served as they are, and listed once they are adopted. It works with AWS
credentials that may read and write the table and the bucket, changes no text that is served, and may be stopped
and repeated.`

export function adoptCommand({ world, exit }: CliContext): Command {
  return newCommand('adopt', "make the prompts that Terraform seeded in DynamoDB the registry's own", {
    group: 'run',
    examples: ['adopt --table acme-prod-prompts --bucket acme-prod-prompts'],
    notes: NOTES,
  })
    .requiredOption('--table <name>', 'the DynamoDB table')
    .requiredOption('--bucket <name>', 'the S3 bucket with the texts')
    .action(async ({ table, bucket, ...options }: AdoptOptions) => {
      // No other command needs the AWS SDK.
      const { openPlatformStore } = await import('../platform-store.ts')
      const report = await openPlatformStore({ table, bucket }, world).adoptSeeded({
        actor: actorOf(world),
        onProgress: ({ adopted, refused }) => tell(world, adopted.length + refused.length),
      })
      if (wantsJson(options)) printJson(world, report)
      else printAdoption(world, report)
      if (report.refused.length > 0) exit(1)
    })
}

const TOLD_EVERY = 100

function tell({ stderr }: World, done: number): void {
  if (done % TOLD_EVERY === 0) stderr.write(`adopt: ${done} prompts so far\n`)
}

function printAdoption(world: World, { adopted, refused }: AdoptReport): void {
  printLine(
    world,
    `${adopted.length} prompts were adopted${refused.length > 0 ? `, ${refused.length} were not` : ''}.`,
  )
  for (const { promptId, reason } of refused) printLine(world, `  ${promptId}: ${reason}`)
}
