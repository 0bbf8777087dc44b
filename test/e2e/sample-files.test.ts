import { globSync, readFileSync } from 'node:fs'
import { basename } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import { describeOnAws } from '../support/aws/moto.ts'
import { awsRegistry } from '../support/aws/registry.ts'
import { makeWorld } from '../support/aws/world.ts'
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
  // A prompt of two files needs a setting of the layout that nobody reads yet.
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
