import { describe, expect, it } from 'vitest'
import { verdictOf } from '../../controller/findings/verdict.ts'
import type { PassReport } from '../../controller/state/pass-report.ts'
import {
  changesOf,
  expectSettled,
  findingsOf,
  served,
  startJourney,
  startReleased,
} from '../support/planned-journey.ts'

const P = 'prompts/p.txt'
const letters = (count: number) => 'aB3dE5fG7hJ9kL2mN4pQ6rS8tU1vW0yZ'.repeat(4).slice(0, count)
/** Of the right form, and nobody's. */
const TOKEN = `ghp_${letters(36)}`
const AWS_KEY = `AKIA${'ABCDEFGHJKLMNPQR'}`
const PRIVATE_KEY = `-----BEGIN RSA PRIVATE KEY-----\nMIIE${letters(60)}\n${letters(64)}\n-----END RSA PRIVATE KEY-----`
const UNSAFE = `Use ${TOKEN}.\n`

/** What is found about a file, as `code: message`. */
const foundAbout = ({ findings }: PassReport, path = P) =>
  findings.filter(({ subject }) => subject.name === path).map(({ code, message }) => `${code}: ${message}`)

describe('a prompt is kept out, with the line and the column, if it has', () => {
  it.each<[what: string, text: string, place: string, message: RegExp]>([
    ['an AWS key', `Be kind.\nUse ${AWS_KEY} for it.\n`, 'Line 2, column 5', /an AWS access key ID/],
    ['a GitHub token', `é ${TOKEN}\n`, 'Line 1, column 3', /a GitHub token/],
    ['a private key', `Sign:\n\n${PRIVATE_KEY}\n`, 'Line 3, column 1', /a private key/],
    [
      'a private key in its config',
      `---\nkey: "${PRIVATE_KEY.replaceAll('\n', '\\n')}"\n---\nSign.\n`,
      'Line 2, column 7',
      /a private key/,
    ],
    [
      'a password in a URL',
      'See https://bob:s3cr3tPw@host.internal.io/x\n',
      'Line 1, column 5',
      /a URL with a password/,
    ],
    ['a right-to-left override', 'a\nb\u202Ec\n', 'Line 2, column 2', /U\+202E/],
    ['an isolate', 'x\u2066y\u2069\n', 'Line 1, column 2', /U\+2066/],
    ['a zero-width space', 'Be\u200B kind.\n', 'Line 1, column 3', /U\+200B/],
    ['a joiner between Latin letters', 'ki\u200Dnd\n', 'Line 1, column 3', /U\+200D/],
    ['tag characters', 'Be kind.\u{E0049}\u{E0047}\n', 'Line 1, column 9', /2 characters from U\+E0049/],
    ['a byte order mark in the middle', 'Be \uFEFFkind.\n', 'Line 1, column 4', /U\+FEFF/],
    [
      'a hidden character in its description',
      '---\ndescription: a\u200Bb\n---\nBe kind.\n',
      'Line 2, column 15',
      /U\+200B/,
    ],
    [
      'a hidden character that YAML writes as an escape',
      '---\ndescription: "a\\u202Eb"\n---\nBe kind.\n',
      'Line 1, column 1',
      /written as escapes, the character U\+202E/,
    ],
  ])('%s', async (_what, text, place, message) => {
    const { controller, repository } = await startJourney({ include: ['**'] })
    await repository.commit({ 'prompts/p.md': text, 'prompts/good.txt': 'good' })
    await repository.tag('v1.0.0')
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['tag_incomplete v1.0.0', 'unsafe_text prompts/p.md'])
    const [found = ''] = foundAbout(report, 'prompts/p.md')
    expect(found).toMatch(message)
    expect(found).toContain(`unsafe_text: ${place}: `)
    for (const mode of ['dev', 'production']) expect(await served(controller, 'p', mode)).toBe('not_found')
    expect(await served(controller, 'good')).toBe('good')
    expect(verdictOf(report.counts)).toMatchObject({ reason: 'UnsafeText', exitCode: 1 })
    await expectSettled(controller)
  })

  it('both of them in what .promptctl.yaml adds to it', async () => {
    const { controller, repository } = await startJourney()
    const layout = `prompts: { p: { description: "Uses ${TOKEN}" }, q: { tags: ["a\\u200Bb"] }, r: { tags: [good] } }\n`
    await repository.commit({
      '.promptctl.yaml': layout,
      [P]: 'p',
      'prompts/q.txt': 'q',
      'prompts/r.txt': 'r',
    })
    const report = await controller.sync()
    expect(findingsOf(report)).toEqual(['unsafe_text prompts/p.txt', 'unsafe_text prompts/q.txt'])
    expect(foundAbout(report)[0]).toContain('.promptctl.yaml has it')
    expect(await served(controller, 'r', 'dev')).toBe('r')
  })
})

it.each([
  ['joiners within emoji', 'A family 👨\u200D👩\u200D👧 and a heart ❤\uFE0F'],
  ['joiners of Persian', 'می\u200Cخواهم'],
  ['joiners of Hindi', 'क्\u200Dष'],
  ['flags', 'Scotland \u{1F3F4}\u{E0067}\u{E0062}\u{E0073}\u{E0063}\u{E0074}\u{E007F} and 🇩🇪'],
  ['direction marks beside right-to-left letters', 'שלום!\u200F'],
  ['a byte order mark at the start', '\uFEFFBe kind.'],
  ['the examples of documentation', 'Redact keys such as AKIAIOSFODNN7EXAMPLE, or anything after ghp_.'],
  ['templates of secrets', 'postgres://{{user}}:{{password}}@{{host}}/x'],
])('a prompt with %s comes in', async (_what, text) => {
  const { controller, repository } = await startJourney()
  await repository.commit({ [P]: text })
  await repository.tag('v1.0.0')
  const report = await controller.sync()
  expect(findingsOf(report)).toEqual([])
  expect(await served(controller, 'p')).toBe(text)
})

describe('a prompt that is kept out', () => {
  it('stays as it was, comes in once it is mended, and is reported as long as it is not', async () => {
    const { controller, repository } = await startReleased({ [P]: 'one' })
    await repository.commit({ [P]: UNSAFE })
    await repository.tag('v1.1.0')
    expect(changesOf(await controller.plan())).toEqual([])
    const report = await controller.sync()
    expect(report.kind).toBe('changes')
    expect(findingsOf(report)).toEqual(['tag_incomplete v1.1.0', 'unsafe_text prompts/p.txt'])
    expect(report.findings.find(({ code }) => code === 'tag_incomplete')?.message).toContain('a GitHub token')
    await repository.commit({ 'prompts/other.txt': 'other' })
    expect(findingsOf(await controller.sync())).toContain('unsafe_text prompts/p.txt')
    for (const mode of ['dev', 'production']) expect(await served(controller, 'p', mode)).toBe('one')
    expect(await served(controller, 'p@1.1.0')).toBe('not_found')
    await expectSettled(controller)

    await repository.commit({ [P]: 'two' })
    await repository.tag('v1.2.0')
    expect(findingsOf(await controller.sync())).not.toContain('unsafe_text prompts/p.txt')
    expect(await served(controller, 'p')).toBe('two')
  })

  it('does not appear in any finding or plan with its secret', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [P]: UNSAFE })
    const plan = await controller.plan()
    const report = await controller.sync()
    expect(JSON.stringify([plan.findings, report, await controller.api.source('demo')])).not.toContain(
      TOKEN.slice(4, 12),
    )
  })

  it('gives way to the release before it on a first sync', async () => {
    const { controller, repository } = await startJourney({ backfill: 0 })
    await repository.commit({ [P]: 'one' })
    await repository.tag('v1.0.0')
    await repository.commit({ [P]: UNSAFE })
    await repository.tag('v1.1.0')
    await controller.sync()
    expect(await served(controller, 'p')).toBe('one')
    await expectSettled(controller)
  })

  it('comes in if the platform allows its path, and only then', async () => {
    const { another } = await startReleased({
      [P]: UNSAFE,
      'prompts/red/q.txt': UNSAFE,
    })
    const allowing = another({ source: { allowUnsafeText: ['prompts/red/**'] } })
    expect(findingsOf(await allowing.sync())).toEqual(['tag_incomplete v1.0.0', 'unsafe_text prompts/p.txt'])
    expect(await served(allowing, 'red/q')).toBe(UNSAFE)
    expect(await served(allowing, 'p')).toBe('not_found')
    await expectSettled(allowing)
  })

  it('cannot be allowed by its own repository', async () => {
    const { controller, repository } = await startJourney()
    await repository.commit({ [P]: UNSAFE, '.promptctl.yaml': 'allowUnsafeText: ["**"]\n' })
    expect(findingsOf(await controller.sync())).toEqual([
      'layout_invalid .promptctl.yaml',
      'unsafe_text prompts/p.txt',
    ])
  })

  it('waits for a person with many others, if most prompts of the branch are kept out at once', async () => {
    const { controller, repository } = await startJourney({ massChange: { share: 0.5, least: 3 } })
    const all = (text: string) =>
      Object.fromEntries([1, 2, 3, 4].map((n) => [`prompts/p${n}.txt`, `${n} ${text}`]))
    await repository.commit(all('one'))
    await controller.sync()
    await repository.commit(all(TOKEN))
    expect((await controller.sync()).result).toBe('held')
  })
})

it('a prompt that was kept out before is no mass change', async () => {
  const { controller, repository } = await startJourney({ massChange: { share: 0.5, least: 3 } })
  const all = (text: string) =>
    Object.fromEntries([1, 2, 3, 4].map((n) => [`prompts/p${n}.txt`, `${n} ${text}`]))
  await repository.commit(all(TOKEN))
  await controller.sync()
  await repository.commit(all(`Use ${TOKEN}`))
  expect((await controller.sync()).result).toBe('synced')
})

describe('a file that was released before anybody looked for unsafe text', () => {
  async function releasedUnsafe() {
    const journey = await startJourney({ allowUnsafeText: ['**'] })
    await journey.repository.commit({ [P]: UNSAFE })
    await journey.repository.tag('v1.0.0')
    await journey.controller.sync()
    return { ...journey, strict: journey.another({}) }
  }

  it('stays stable, with a notice that says what to do', async () => {
    const { strict } = await releasedUnsafe()
    const report = await strict.sync()
    expect(findingsOf(report)).toEqual(['unsafe_text_released prompts/p.txt'])
    expect(foundAbout(report)[0]).toMatch(
      /Line 1, column 5: .+Release a version without it, then revoke this one\.$/,
    )
    expect(verdictOf(report.counts)).toMatchObject({ class: 'ready', exitCode: 0 })
    expect(await served(strict, 'p')).toBe(UNSAFE)
    await expectSettled(strict)
  })

  it('may be released again, since its text is the same', async () => {
    const { strict, repository } = await releasedUnsafe()
    await strict.sync()
    await repository.commit({ 'prompts/q.txt': 'q' })
    await repository.tag('v1.1.0')
    await strict.sync()
    expect(await served(strict, 'p@1.1.0')).toBe(UNSAFE)
    await expectSettled(strict)
  })

  it('stays a version that can be pinned once a safe one is stable, and the notice ends', async () => {
    const { strict, repository } = await releasedUnsafe()
    await strict.sync()
    await repository.commit({ [P]: 'safe' })
    await repository.tag('v2.0.0')
    expect(findingsOf(await strict.sync())).toEqual([])
    expect([await served(strict, 'p'), await served(strict, 'p@1.0.0')]).toEqual(['safe', UNSAFE])
    await expectSettled(strict)
  })

  it('is another file with one byte more, which is kept out', async () => {
    const { strict, repository } = await releasedUnsafe()
    await strict.sync()
    await repository.commit({ [P]: `${UNSAFE}\n` })
    expect(findingsOf(await strict.sync())).toEqual(['unsafe_text prompts/p.txt'])
    expect(await served(strict, 'p', 'dev')).toBe(UNSAFE)
  })

  it('is not excused by a draft: only a release is', async () => {
    const { another, controller, repository } = await startJourney({ allowUnsafeText: ['**'] })
    await repository.commit({ [P]: UNSAFE })
    await controller.sync()
    const strict = another({})
    expect(findingsOf(await strict.sync())).toEqual(['unsafe_text prompts/p.txt'])
    await repository.tag('v1.0.0')
    expect(findingsOf(await strict.sync())).toEqual(['tag_incomplete v1.0.0', 'unsafe_text prompts/p.txt'])
    expect(await served(strict, 'p')).toBe('not_released')
  })
})
