import { describe, expect, test } from 'vitest'
import { MODES, type Mode } from '../../../api/contract/index.ts'
import type { RegistryApi, ResolveManyAnswer } from '../../../api/contract/registry-api.ts'
import { makeRegistry, outcome, pushText, read, release } from '../../support/registry.ts'

/** A prompt with a version in every status: `draft` is the latest, `stable` has a predecessor. */
async function everyStatus(api: RegistryApi): Promise<void> {
  for (const version of ['revoked', 'deprecated', 'current', 'draft'])
    await api.push({ prompt_id: 'p', content: version, version })
  for (const version of ['revoked', 'deprecated', 'current']) await api.promote('p', { version })
  await api.revoke('p', { version: 'revoked' })
}

const SEE_DRAFTS = ['simulation', 'dev']
const table = MODES.flatMap((mode) => {
  const sees = SEE_DRAFTS.includes(mode)
  return [
    [mode, 'p', sees ? 'draft' : 'current'],
    [mode, 'p@draft', sees ? 'draft' : 'not_released'],
    [mode, 'p@current', 'current'],
    [mode, 'p@deprecated', 'deprecated'],
    [mode, 'p@revoked', 'revoked'],
    [mode, 'p@absent', 'not_found'],
    [mode, 'absent', 'not_found'],
    [mode, 'P', 'not_found'],
  ] as const
})

describe('the table of modes', () => {
  test.each(table)('in %s, %s gives %s', async (mode, reference, expected) => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    expect(await read(admin, reference, mode)).toBe(expected)
  })

  test.each(MODES)('in %s, a pin to an earlier release is served with its status', async (mode) => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    expect((await admin.resolve('p@deprecated', { mode })).status).toBe('deprecated')
    expect((await admin.resolve('p@current', { mode })).status).toBe('stable')
  })

  test.each(MODES)('in %s, former releases are served unless the registry blocks them', async (mode) => {
    const { admin } = makeRegistry({ settings: { deprecatedPins: 'block' } })
    await everyStatus(admin)
    expect(await read(admin, 'p@deprecated', mode)).toBe(
      SEE_DRAFTS.includes(mode) ? 'deprecated' : 'not_released',
    )
    expect(await read(admin, 'p@current', mode)).toBe('current')
  })

  test.each([
    ['backtest', 'draft'],
    ['paper', 'current'],
    ['live', 'current'],
  ])('accepts %s as a mode', async (mode, expected) => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    expect(await read(admin, 'p', mode)).toBe(expected)
  })

  test('is read as production where no mode is given', async () => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    expect((await admin.resolve('p')).content).toBe('current')
  })

  test.each(MODES)('in %s, a prompt without a release', async (mode) => {
    const { admin } = makeRegistry()
    await pushText(admin, 'p', 'draft')
    expect(await read(admin, 'p', mode)).toBe(SEE_DRAFTS.includes(mode) ? 'draft' : 'not_released')
  })

  test.each(MODES)('in %s, a prompt that has a stable version and no latest', async (mode) => {
    const { admin } = makeRegistry()
    await admin.push({ prompt_id: 'p', content: 'text', version: 'a', latest: false })
    await admin.promote('p', { version: 'a' })
    expect(await read(admin, 'p', mode)).toBe('text')
  })

  test.each(MODES)('in %s, a prompt whose only draft was revoked', async (mode) => {
    const { admin } = makeRegistry()
    const version = await pushText(admin, 'p', 'draft')
    await admin.revoke('p', { version })
    expect(await read(admin, 'p', mode)).toBe(SEE_DRAFTS.includes(mode) ? 'revoked' : 'not_released')
  })
})

describe('a deployment that restricts its modes', () => {
  const inModes = async (...allowedModes: Mode[]) => {
    const { admin } = makeRegistry({ settings: { allowedModes } })
    await everyStatus(admin)
    return admin
  }

  test('refuses the others', async () => {
    const api = await inModes('staging', 'production')
    expect(await read(api, 'p', 'dev')).toBe('mode_not_allowed')
    expect(await read(api, 'p', 'backtest')).toBe('mode_not_allowed')
    expect(await read(api, 'p', 'paper')).toBe('current')
    expect(await outcome(api.resolveMany({ references: ['p'], mode: 'dev' }))).toBe('mode_not_allowed')
  })

  test.each([
    [['dev', 'production'] as const, 'current'],
    [['dev', 'staging'] as const, 'current'],
    [['simulation', 'dev'] as const, 'draft'],
  ])('that allows %j defaults to production, else to the strictest mode', async (allowed, expected) => {
    expect((await (await inModes(...allowed)).resolve('p')).content).toBe(expected)
  })

  test('to those that see no drafts shows no draft, not in a diff either', async () => {
    const api = await inModes('staging', 'production')
    expect(await outcome(api.diff('p'))).toBe('not_released')
    expect(await outcome(api.diff('p', { v1: 'current', v2: 'draft' }))).toBe('not_released')
    expect(await outcome(api.diff('p', { v1: 'deprecated', v2: 'current' }))).toBe('done')
  })

  test.each(['toString', 'constructor', '__proto__', 'hasOwnProperty', '', 'Production', 'prod'])(
    'refuses "%s", which is not a mode',
    async (mode) => {
      expect(await read(await inModes(...MODES), 'p', mode)).toBe('invalid_mode')
      expect(await read(await inModes('production'), 'p', mode)).toBe('invalid_mode')
    },
  )
})

describe('a resolve', () => {
  test('gives all there is to know of the version', async () => {
    const { admin, clock } = makeRegistry()
    const at = new Date(clock.now).toISOString()
    const push = { prompt_id: 'p', content: 'text', description: 'd', tags: ['t'] }
    const { version } = await admin.push({ ...push, variables: ['who'], config: { model: 'm' } })
    await admin.promote('p', { version, alias: '1.0.0' })
    expect(await admin.resolve('p')).toEqual({
      prompt_id: 'p',
      version,
      release: '1.0.0',
      status: 'stable',
      content: 'text',
      content_sha256: '982d9e3eb996f559e633f4d194def3761d909f5a3b647d1a851fead67c32c9d1',
      identity: expect.stringMatching(new RegExp(`^${version}[0-9a-f]{52}$`)),
      file_sha256: null,
      format: 'text',
      template_language: null,
      source: null,
      archived: false,
      moved_to: null,
      variables: ['who'],
      inputs: [{ name: 'who', type: 'any', required: true }],
      config: { model: 'm' },
      description: 'd',
      tags: ['t'],
      aliases: ['1.0.0'],
      origin: null,
      created_at: at,
      released_at: at,
      revision: 3,
      immutable: false,
    })
  })

  test('takes the pin from the reference or from the query, and from both where they agree', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'one')
    await release(admin, 'p', '2.0.0', 'two')
    expect((await admin.resolve('p', { version: 'v1' })).content).toBe('one')
    expect((await admin.resolve('p@1.0', { version: '1.0.0' })).content).toBe('one')
    expect((await admin.resolve('p_v1', { version: '1.0.0' })).content).toBe('one')
    expect(await outcome(admin.resolve('p@1.0.0', { version: '2.0.0' }))).toBe('invalid_reference')
    expect(await outcome(admin.resolve('p', { version: 'stable' }))).toBe('invalid_version')
  })

  test.each([
    ['p@', 'invalid_reference'],
    ['', 'invalid_prompt_id'],
    ['a//b', 'invalid_prompt_id'],
    ['p@a b', 'invalid_version'],
    ['p_v1.2.3.4', 'invalid_prompt_id'],
  ])('of "%s" is refused: %s', async (reference, code) => {
    const { admin } = makeRegistry()
    expect(await outcome(admin.resolve(reference))).toBe(code)
  })

  test('of many returns a result or an error for each, in order', async () => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    const { results } = await admin.resolveMany({
      references: ['p', 'absent', 'p@draft', 'p@revoked', 'p@', 'p'],
    })
    expect(results.map(contentOrCode)).toEqual([
      'current',
      'not_found',
      'not_released',
      'revoked',
      'invalid_reference',
      'current',
    ])
    expect(results.map(({ reference }) => reference)[2]).toBe('p@draft')
  })

  test('of many omits prompts that the caller already has', async () => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    const references = ['p', 'p@current', 'absent']
    const { results } = await admin.resolveMany({ references })
    const known = Object.fromEntries(
      results.flatMap((one) => ('etag' in one ? [[one.reference, one.etag]] : [])),
    )
    const again = await admin.resolveMany({ references, known })
    expect(again.results.map((one) => 'unchanged' in one)).toEqual([true, true, false])
    await admin.revoke('p', { version: 'current' })
    const after = await admin.resolveMany({ references, known })
    expect(after.results.some((one) => 'unchanged' in one)).toBe(false)
    expect(after.results[1]).toMatchObject({ code: 'revoked' })
  })

  test('counts only the content that it returns', async () => {
    const { admin } = makeRegistry()
    await release(admin, 'p', '1.0.0', 'x'.repeat(256 * 1024))
    const [first] = (await admin.resolveMany({ references: ['p'] })).results
    const known = { p: first !== undefined && 'etag' in first ? first.etag : '' }
    const { results } = await admin.resolveMany({ references: Array.from({ length: 21 }, () => 'p'), known })
    expect(results.every((one) => 'unchanged' in one)).toBe(true)
  })

  test('is immutable with a pin only', async () => {
    const { admin } = makeRegistry()
    await everyStatus(admin)
    expect((await admin.resolve('p')).immutable).toBe(false)
    expect((await admin.resolve('p@current')).immutable).toBe(true)
    expect((await admin.resolve('p', { version: 'current' })).immutable).toBe(true)
  })

  test('of many returns at most five mebibytes of content', async () => {
    const { admin } = makeRegistry()
    const content = 'x'.repeat(256 * 1024)
    await release(admin, 'p', '1.0.0', content)
    const { results } = await admin.resolveMany({ references: Array.from({ length: 21 }, () => 'p') })
    expect(results.slice(0, 20).every((result) => 'prompt' in result)).toBe(true)
    expect(results[20]).toMatchObject({ reference: 'p', code: 'too_large' })
  })
})

function contentOrCode(result: ResolveManyAnswer['results'][number]): string {
  if ('prompt' in result) return result.prompt.content
  return 'code' in result ? result.code : 'unchanged'
}
