import { mkdir, writeFile } from 'node:fs/promises'
import { openWorkspace, terraformMissing } from '../infra/support/terraform.ts'
import { moto } from '../support/aws/moto.ts'
import { awsRegistry, callsOf, countCalls } from '../support/aws/registry.ts'
import { type AwsWorld, makeWorld } from '../support/aws/world.ts'

/**
 * Rows 7, 8 and 9 of the targets, in calls to AWS, counted at a proxy before the emulator: a first import, beside Terraform
 * that seeds as many prompts; then nothing changed; then one resolve. The emulator's own time says nothing about AWS.
 *
 *   npm run bench -- aws [prompts]
 */
const PROMPTS = Number(process.argv[2] ?? 100)
const ids = Array.from({ length: PROMPTS }, (_, n) => `team/p${n}`)

await ours()
if ((await terraformMissing()) === undefined) await seeded()
else console.log('Terraform is not installed')
await (await moto()).stop()

async function ours(): Promise<void> {
  const world = await makeWorld()
  const { admin } = awsRegistry(world)
  world.proxy.reset()
  for (let from = 0; from < PROMPTS; from += 50) {
    const operations = ids.slice(from, from + 50).flatMap((prompt_id) => [
      { op: 'push' as const, prompt_id, content: `text of ${prompt_id}`, version: 'first' },
      { op: 'promote' as const, prompt_id, version: 'first', alias: '1.0.0' },
    ])
    const { outcomes } = await admin.batch({ operations })
    if (outcomes.some(({ ok }) => !ok)) throw new Error('An operation failed.')
  }
  report('first import', world)
  const { admin: cold } = awsRegistry(world)
  console.log(`resolve: cold ${shown(await callsOf(world, () => cold.resolve('team/p0')))}`)
  console.log(`resolve: warm ${shown(await callsOf(world, () => cold.resolve('team/p0')))}`)
  await world.close()
}

async function seeded(): Promise<void> {
  const world = await makeWorld()
  const workspace = await openWorkspace({
    AWS_ENDPOINT_URL: world.proxy.url,
    AWS_REGION: 'us-east-1',
    AWS_ACCESS_KEY_ID: 'test',
    AWS_SECRET_ACCESS_KEY: 'test',
  })
  await mkdir(workspace.path('seeds'))
  await writeFile(`${workspace.path('seeds')}/main.tf`, seeds(world))
  await workspace.terraform('seeds', 'init', '-no-color')
  world.proxy.reset()
  await workspace.terraform('seeds', 'apply', '-auto-approve', '-no-color', '-parallelism=16')
  report('Terraform, first apply', world)
  world.proxy.reset()
  await workspace.terraform('seeds', 'plan', '-no-color')
  report('Terraform, nothing changed', world)
  await workspace.remove()
  await world.close()
}

/** An object and a row for each prompt, as platforms seed them. */
function seeds({ table, bucket }: AwsWorld): string {
  return `
provider "aws" {
  s3_use_path_style           = true
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
}

locals {
  ids = toset(${JSON.stringify(ids)})
}

resource "aws_s3_object" "texts" {
  for_each = local.ids
  bucket   = "${bucket}"
  key      = "prompts/\${each.key}/1.0.0.txt"
  content  = "text of \${each.key}"
}

resource "aws_dynamodb_table_item" "rows" {
  for_each   = local.ids
  table_name = "${table}"
  hash_key   = "prompt_key"
  range_key  = "version"
  item = jsonencode({
    prompt_key = { S = each.key }
    version    = { S = "1.0.0" }
    s3_key     = { S = aws_s3_object.texts[each.key].key }
  })
}
`
}

function report(name: string, world: AwsWorld): void {
  const count = world.proxy.calls.length
  console.log(
    `${name} of ${PROMPTS}: ${count} calls, ${(count / PROMPTS).toFixed(2)} a prompt: ${shown(countCalls(world))}`,
  )
}

function shown(calls: Readonly<Record<string, number>>): string {
  return Object.entries(calls)
    .map(([action, count]) => `${action} ${count}`)
    .join(', ')
}
