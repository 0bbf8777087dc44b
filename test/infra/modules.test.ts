import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parse } from 'yaml'
import { readZip } from '../support/lambda/unzip.ts'
import { MODULES, openWorkspace, ROOT, terraformMissing, type Workspace } from './support/terraform.ts'

const EXAMPLE = 'examples/platform'
const missing = await terraformMissing()
const read = (path: string) => readFile(join(ROOT, path), 'utf8')

describe('the Terraform that we ship', () => {
  let workspace: Workspace

  beforeAll(async () => {
    if (missing === undefined) workspace = await openWorkspace()
  })
  afterAll(() => workspace?.remove())

  test('is formatted', async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    for (const folder of ['infra', EXAMPLE, 'test/infra/wiring']) {
      await workspace.terraform(folder, 'fmt', '-check', '-recursive', '-diff', '-no-color')
    }
  })

  test.for([...MODULES, EXAMPLE])('%s describes every input and output', async (folder) => {
    const blocks = [
      ...(await blocksOf(folder, 'variables.tf', 'variable')),
      ...(await blocksOf(folder, 'outputs.tf', 'output')),
    ]
    expect(blocks.length).toBeGreaterThan(0)
    for (const { name, body } of blocks) expect(body, `${folder}: ${name}`).toMatch(/^ {2}description /m)
  })

  test.for(MODULES)(
    '%s tries every optional input as null, and every optional string as ""',
    async (folder) => {
      const inputs = await blocksOf(folder, 'variables.tf', 'variable')
      const optional = inputs.filter(({ body }) => /^ {2}default /m.test(body))
      const strings = optional.filter(({ body }) => /^ {2}type += string$/m.test(body))
      const names = (blocks: readonly Block[]) => blocks.map(({ name }) => name)
      const runs = await blocksOf(folder, 'tests/inputs.tftest.hcl', 'run')
      const triedAs = (run: string, value: string) => {
        const { body = '' } = runs.find(({ name }) => name === run) ?? {}
        return [...body.matchAll(new RegExp(`^ {4}(\\w+) += ${value}$`, 'gm'))].map(([, name]) => name)
      }
      expect(triedAs('null_counts_as_unset', 'null')).toEqual(names(optional))
      expect(triedAs('an_empty_string_counts_as_unset', '""')).toEqual(names(strings))
    },
  )

  test('asks only for what the platform passes', async () => {
    const inputs = await blocksOf('infra/modules/prompt_registry', 'variables.tf', 'variable')
    const required = inputs.filter(({ body }) => !/^ {2}default /m.test(body)).map(({ name }) => name)
    expect(required.sort()).toEqual([
      'environment',
      'prompt_bucket_arn',
      'prompt_bucket_name',
      'prompt_table_arn',
      'prompt_table_name',
      'resource_prefix',
    ])
    const outputs = await blocksOf('infra/modules/prompt_registry', 'outputs.tf', 'output')
    expect(outputs.map(({ name }) => name).sort()).toEqual([
      'prompt_registry_lambda_arn',
      'prompt_registry_lambda_name',
      'prompt_registry_reader_lambda_arn',
      'prompt_registry_reader_lambda_name',
      'prompt_registry_reader_url',
      'prompt_registry_url',
      'prompt_registry_writer_lambda_arn',
      'prompt_registry_writer_lambda_name',
      'prompt_registry_writer_url',
    ])
  })

  test.for(MODULES)('the README names every input and output of %s', async (folder) => {
    const readme = await read('infra/README.md')
    const inputs = await blocksOf(folder, 'variables.tf', 'variable')
    const outputs = await blocksOf(folder, 'outputs.tf', 'output')
    for (const { name } of [...inputs, ...outputs]) expect(readme, folder).toContain(`\`${name}\``)
  })
})

describe('what is deployed before the bundle', () => {
  const packed: readonly (readonly [string, string])[] = [
    ['infra/modules/prompt_registry/placeholder.zip', 'infra/modules/prompt_registry/placeholder/index.mjs'],
    [
      'infra/modules/prompt_controller/placeholder.zip',
      'infra/modules/prompt_controller/placeholder/index.mjs',
    ],
    ['examples/platform/agent/agent.zip', 'examples/platform/agent/index.mjs'],
  ]
  test.for(packed)('%s holds %s', async ([zip, source]) => {
    const files = readZip(await readFile(join(ROOT, zip)))
    expect([...files.keys()]).toEqual(['index.mjs'])
    expect(files.get('index.mjs')?.toString('utf8')).toBe(await read(source))
  })

  test.for(['prompt_registry', 'prompt_controller'])(
    'the placeholder of %s answers 503 in words, to HTTP as to a direct invocation',
    async (module) => {
      const file = pathToFileURL(join(ROOT, `infra/modules/${module}/placeholder/index.mjs`)).href
      const { handler } = await import(file)
      const { statusCode, headers, body } = await handler({})
      expect({ statusCode, type: headers['content-type'] }).toEqual({
        statusCode: 503,
        type: 'application/json',
      })
      expect(JSON.parse(body)).toEqual({
        error: expect.stringMatching(/not deployed yet; run .*npm run deploy/),
        code: 'unavailable',
      })
    },
  )

  test('CodeBuild runs only scripts that there are, with the variables that its project has', async () => {
    const { phases } = parse(await read('infra/buildspec.yml'))
    const commands: string[] = [...phases.install.commands, ...phases.build.commands]
    const { scripts } = JSON.parse(await read('package.json'))
    const ran = commands.flatMap((command) => /\bnpm run (\w+)/.exec(command)?.[1] ?? [])
    expect(ran).toEqual(['build', 'deploy', 'deploy', 'deploy'])
    for (const script of ran) expect(scripts, script).toHaveProperty([script])
    const zips = commands.flatMap((command) => /--zip (\S+)/.exec(command)?.[1] ?? [])
    expect(zips).toEqual(['controller', 'webhooks'].map((name) => `dist/lambda/${name}.zip`))
    const project = await read('infra/modules/prompt_registry/codebuild.tf')
    const [, suffix = ''] = /upper\(environment_variable\.key\)\}(\w+)"/.exec(project) ?? []
    const used = commands.flatMap((command) => [...command.matchAll(/\$(\w+)/g)].map(([, name]) => name))
    expect([...new Set(used)]).toEqual(
      ['reader', 'writer', 'controller', 'webhooks'].map((role) => `${role.toUpperCase()}${suffix}`),
    )
  })
})

interface Block {
  readonly name: string
  readonly body: string
}

async function blocksOf(folder: string, file: string, type: string): Promise<Block[]> {
  const pattern = new RegExp(`^${type} "(\\w+)" \\{\\n([\\s\\S]*?)^\\}`, 'gm')
  return [...(await read(`${folder}/${file}`)).matchAll(pattern)].map(([, name = '', body = '']) => ({
    name,
    body,
  }))
}
