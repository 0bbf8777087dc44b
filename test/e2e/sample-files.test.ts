import { execFile } from 'node:child_process'
import { globSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { PromptRegistryClient } from '../../client/node-client.ts'
import { configure, makeCli, words } from '../controller/cli/cli-under-test.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { awsRegistry } from '../support/aws/registry.ts'
import { makeWorld } from '../support/aws/world.ts'
import { createRepository } from '../support/git-repository.ts'
import { fakeClock, sourceOn, TOKEN } from '../support/github/source.ts'
import { startGitHub } from '../support/github/start.ts'
import { type Journey, quarantined, startJourney } from '../support/planned-journey.ts'
import { SHARED_DATA, sharedDataMissing } from '../support/shared-data.ts'

interface Sample {
  readonly file?: string
  readonly refused?: true
  readonly line?: number
  readonly [field: string]: unknown
}

const missing = sharedDataMissing('formats')
const SAMPLES = globSync('formats/*.expected.json', { cwd: SHARED_DATA })
  .map((name) => JSON.parse(readFileSync(`${SHARED_DATA}${name}`, 'utf8')) as Sample)
  // The pair needs a layout of its own: see below.
  .filter((sample): sample is Sample & { readonly file: string } => sample.file !== undefined)

const textOf = (file: string) => readFileSync(`${SHARED_DATA}formats/${file}`, 'utf8')

/** A repository with the samples. */
async function samples(): Promise<Journey> {
  const journey = await startJourney({ include: ['**'] })
  await journey.repository.commit(
    Object.fromEntries(SAMPLES.map(({ file }) => [`prompts/${file}`, textOf(file)])),
  )
  return journey
}

/** Every sample is served as it is expected, and the refused ones are quarantined with their line. */
async function expectSamples(api: RegistryApi, reasons: Readonly<Record<string, string>>): Promise<void> {
  expect(SAMPLES.length).toBeGreaterThanOrEqual(16)
  for (const { file, refused, line, ...expected } of SAMPLES) {
    if (refused === true) {
      expect(reasons[`prompts/${file}`], file).toContain(`Line ${line}:`)
      continue
    }
    const id = file.replace(/\.[^./]+$/, '')
    const found = await api.resolve(id, { mode: 'dev', include: 'messages,file', front_matter: 'true' })
    const { version: label, ...fields } = found
    const served: Record<string, unknown> = { ...fields, label }
    const names = Object.keys(expected).filter((name) => name in served)
    expect(names, file).toEqual(expect.arrayContaining(['content', 'inputs', 'messages', 'label', 'format']))
    expect(Object.fromEntries(names.map((name) => [name, served[name]])), file).toEqual(
      Object.fromEntries(names.map((name) => [name, expected[name]])),
    )
    expect(found.file, file).toBe(textOf(file))
  }
}

test('the sample files read as expected through git', async (context) => {
  if (missing !== undefined) context.skip(missing)
  const { controller } = await samples()
  await expectSamples(controller.api, quarantined(await controller.sync()))
})

test('the sample files read as expected through the API of GitHub', async (context) => {
  if (missing !== undefined) context.skip(missing)
  const { controller, repository } = await samples()
  const github = await startGitHub({ token: TOKEN, now: fakeClock().now })
  onTestFinished(() => github.close())
  const name = basename(repository.path)
  github.host('acme', name, repository.path)
  const git = sourceOn(github, fakeClock(), { repository: `acme/${name}` })
  await expectSamples(controller.api, quarantined(await controller.sync({ git })))
})

test('the pair reads as expected with the layout that joins it', async (context) => {
  if (missing !== undefined) context.skip(missing)
  const journey = await startJourney()
  await journey.repository.commit({
    '.promptctl.yaml': 'prompts: { "**/skprompt.txt": { sidecar: [config.json] } }\n',
    'prompts/greet/skprompt.txt': textOf('greet/skprompt.txt'),
    'prompts/greet/config.json': textOf('greet/config.json'),
  })
  await journey.controller.sync()
  const pair = JSON.parse(readFileSync(`${SHARED_DATA}formats/greet__pair.expected.json`, 'utf8'))
  const { content, template_language, description, inputs, messages } = pair
  expect(await journey.controller.api.resolve('greet', { mode: 'dev', include: 'messages' })).toMatchObject({
    ...{ content, template_language, description, inputs, messages },
  })
})

/** What a client or a command gives of a sample, in the names of the samples. */
type Given = Readonly<Record<string, unknown>>

const FIELDS = ['content', 'template_language', 'description', 'inputs', 'messages']

function expectGiven(sample: Sample, way: string, given: Given): void {
  const names = FIELDS.filter((name) => name in sample && given[name] !== undefined)
  expect(names).toEqual(expect.arrayContaining(['content', 'inputs']))
  const [some, wanted] = [given, sample].map((one) =>
    Object.fromEntries(names.map((name) => [name, one[name]])),
  )
  expect(some, `${sample.file} ${way}`).toEqual(wanted)
}

const PYTHON = `
import json, sys
sys.path.insert(0, "client/python")
from prompt_registry import PromptRegistryClient
client = PromptRegistryClient(local_dir=sys.argv[1], env={})
found = {}
for id in json.loads(sys.argv[2]):
    one = client.resolve(id)
    found[id] = {"content": one.text, "template_language": one.template_language, "description": one.description,
                 "inputs": one.inputs, "messages": one.messages}
print(json.dumps(found))
`

test('the sample files read as expected by promptctl, from the files themselves, and from an export', async (context) => {
  if (missing !== undefined) context.skip(missing)
  const cli = await makeCli()
  const repository = await createRepository(join(cli.folder, 'repo'))
  const files = SAMPLES.map(({ file }) => [`prompts/${file}`, textOf(file)])
  await repository.commit(Object.fromEntries(files))
  await configure(cli.folder, ["{ name: s, repository: ./repo, include: ['**'] }"])
  await cli.run(['sync'])
  expect(await cli.run(words('export --dir out --mode dev'))).toMatchObject({ code: 0 })
  const good = SAMPLES.filter(({ refused }) => refused !== true)
  const ids = good.map(({ file }) => file.replace(/\.[^./]+$/, ''))
  const raw = new PromptRegistryClient({ localDir: join(repository.path, 'prompts'), env: {} })
  const exported = new PromptRegistryClient({ localDir: join(cli.folder, 'out'), env: {} })
  const { stdout } = await promisify(execFile)('python3', [
    ...['-B', '-c', PYTHON, join(cli.folder, 'out'), JSON.stringify(ids)],
  ])
  const inPython = JSON.parse(stdout) as Readonly<Record<string, Given>>
  for (const [index, sample] of good.entries()) {
    const id = ids[index] ?? ''
    expect((await cli.run(['get', id, ...words('--mode dev --file')])).out).toBe(textOf(sample.file))
    const get = await cli.run(['get', id, ...words('--mode dev --messages -o json')])
    expectGiven(sample, 'by get', get.json<Given>())
    for (const [way, client] of Object.entries({ raw, exported })) {
      const {
        text: content,
        templateLanguage: template_language,
        description,
        inputs,
      } = await client.resolve(id)
      expectGiven(sample, way, { content, template_language, description, inputs })
    }
    expectGiven(sample, 'in Python', inPython[id] ?? {})
  }
})

describeOnAws('the sample files on AWS', () => {
  test('read as expected by a process that has seen none of them', async (context) => {
    if (missing !== undefined) context.skip(missing)
    const world = await makeWorld()
    onTestFinished(world.close)
    const { controller } = await samples()
    const report = await controller.sync({ api: awsRegistry(world).admin })
    await expectSamples(awsRegistry(world).admin, quarantined(report))
  })
})
