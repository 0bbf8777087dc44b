import { describe, expect, it } from 'vitest'
import { canonicalJson, sha256 } from '../../api/contract/version.ts'
import { expectSettled, findingsOf, quarantined, served, startJourney } from '../support/planned-journey.ts'
import { scratchFolder } from '../support/scratch.ts'

const TEXT = 'Greet {{$guest}} in {{$language}}.\n'
const CONFIG = `{
  "schema": 1,
  "description": "Greets a guest.",
  "execution_settings": { "default": { "temperature": 0.4 } },
  "input_variables": [
    { "name": "guest", "is_required": true },
    { "name": "language", "default": "English" }
  ]
}
`
const LAYOUT = 'prompts: { "**/skprompt.txt": { sidecar: [config.json] } }\n'
const FILES = {
  '.promptctl.yaml': LAYOUT,
  'prompts/greet/skprompt.txt': TEXT,
  'prompts/greet/config.json': CONFIG,
}

const identityOf = (config: string) =>
  sha256(canonicalJson({ 'skprompt.txt': sha256(TEXT), 'config.json': sha256(config) }))

describe('a prompt file with a sidecar', () => {
  it("is one prompt with the folder's id, and both texts make its identity", async () => {
    const { controller, repository } = await startJourney()
    await repository.commit(FILES)
    await repository.tag('v1.0.0')
    expect(findingsOf(await controller.sync())).toEqual([])
    expect([...(await controller.rows()).keys()]).toEqual(['greet'])
    const prompt = await controller.api.resolve('greet', { include: 'file' })
    expect(prompt).toMatchObject({
      content: TEXT,
      file: TEXT,
      sidecars: { main: 'skprompt.txt', texts: { 'config.json': CONFIG } },
      file_sha256: sha256(TEXT),
      identity: identityOf(CONFIG),
      version: identityOf(CONFIG).slice(0, 12),
      format: 'text',
      template_language: 'semantic-kernel',
      description: 'Greets a guest.',
      inputs: [
        { name: 'guest', type: 'any', required: true },
        { name: 'language', type: 'any', required: false, default: 'English' },
      ],
    })
    await expectSettled(controller)
  })

  it('is another version if only the sidecar changes, also from a registry that is rebuilt', async () => {
    const { controller, repository, another } = await startJourney()
    await repository.commit(FILES)
    await repository.tag('v1.0.0')
    await controller.sync()
    const warm = CONFIG.replace('0.4', '0.9')
    await repository.commit({ 'prompts/greet/config.json': warm })
    await repository.tag('v1.1.0')
    expect((await controller.sync()).counts).toMatchObject({ pushed: 1, promoted: 1 })
    const rebuilt = another({ folder: await scratchFolder() })
    await rebuilt.sync()
    for (const { api } of [controller, rebuilt]) {
      expect(await api.resolve('greet')).toMatchObject({ identity: identityOf(warm), release: '1.1.0' })
      expect(await api.resolve('greet@1.0.0')).toMatchObject({ identity: identityOf(CONFIG) })
    }
    await expectSettled(controller)
  })

  it('has no fields of the sidecar once that is deleted, and is never a prompt of its own', async () => {
    const { controller, repository } = await startJourney({ include: ['**/*.txt', '**/*.json'] })
    await repository.commit({ ...FILES, 'prompts/other.json': '{"prompt": "Hello"}' })
    await controller.sync()
    expect([...(await controller.rows()).keys()].sort()).toEqual(['greet', 'other'])
    await repository.commit({ 'prompts/greet/config.json': null })
    expect(findingsOf(await controller.sync())).toEqual([])
    const prompt = await controller.api.resolve('greet', { mode: 'dev', include: 'file' })
    expect(prompt).toMatchObject({ identity: sha256(TEXT), description: null, sidecars: null })
    expect((await controller.rows()).get('greet')?.archived).toBe(false)
    await expectSettled(controller)
  })

  it.each([
    ['not a mapping', 'Only words.\n', 'Its sidecar config.json cannot be read.'],
    ['too large', `{"a": "${'x'.repeat(20_000)}"}`, 'at most 16384 are allowed'],
    ['not UTF-8', Buffer.from([0xff, 0xfe, 0x41]), 'Its sidecar config.json cannot be read.'],
  ])('is quarantined if the sidecar is %s, and comes back with a better one', async (_, config, reason) => {
    const { controller, repository } = await startJourney()
    await repository.commit({ ...FILES, 'prompts/greet/config.json': config })
    expect(quarantined(await controller.sync())['prompts/greet/skprompt.txt']).toContain(reason)
    await repository.commit({ 'prompts/greet/config.json': CONFIG })
    expect(findingsOf(await controller.sync())).toEqual([])
    expect(await served(controller, 'greet', 'dev')).toBe(TEXT)
  })

  it('is kept out if the sidecar has a secret', async () => {
    const { controller, repository } = await startJourney()
    const key = `AKIA${'ABCDEFGH23456723'}`
    await repository.commit({ ...FILES, 'prompts/greet/config.json': `{"aws_access_key_id": "${key}"}` })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['unsafe_text prompts/greet/skprompt.txt'])
    expect(report.findings[0]?.message).toContain('Its sidecar config.json has it.')
    expect(JSON.stringify(report)).not.toContain(key)
  })

  it.each([
    ['"**/skprompt.txt": { sidecar: [../config.json] }', 'is not the name of a file in the same folder'],
    ['"**/skprompt.txt": { sidecar: [] }', 'sidecar'],
  ])('is refused with the layout %s', async (entry, reason) => {
    const { controller, repository } = await startJourney()
    await repository.commit({ ...FILES, '.promptctl.yaml': `prompts: { ${entry} }\n` })
    const report = await controller.sync()
    expect(findingsOf(report)).toContain('layout_invalid .promptctl.yaml')
    expect(JSON.stringify(report.findings)).toContain(reason)
  })
})
