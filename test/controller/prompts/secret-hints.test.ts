import { rules } from '@secretlint/secretlint-rule-preset-recommend'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { loadSecretDetector, SECRET_NAMES } from '../../../controller/prompts/secret-detector.ts'
import { RULE_HINTS } from '../../../controller/prompts/secret-hints.ts'

const detect = await loadSecretDetector()
const search = await loadSecretDetector(/(?:)/)

/** The regular expressions with which each rule searches, by its short id. */
const PATTERNS = new Map(
  rules.map((rule) => {
    const patterns: RegExp[] = []
    const content = {
      length: 0,
      matchAll(pattern: RegExp) {
        patterns.push(pattern)
        return []
      },
    }
    const context = { sharedOptions: {}, createTranslator: () => () => ({}), report() {}, ignore() {} }
    const source = { content: content as unknown as string, contentType: 'text', filePath: '', ext: '' }
    rule.create(context as never, {}).file?.(source as never)
    return [rule.meta.id.replace('@secretlint/secretlint-rule-', ''), patterns] as const
  }),
)
const SEARCHED = Object.keys(SECRET_NAMES).flatMap((id) =>
  (PATTERNS.get(id) ?? []).map((pattern) => [id, pattern] as const),
)

/** Texts that the pattern matches, in any case of letters if the pattern allows it. */
function matching({ source, flags }: RegExp): fc.Arbitrary<string> {
  const bare = source
    .replaceAll(/\(\?(?:<!|!)(?:\\.|[^()\\])*\)|\\b|\?<\w+>/g, '')
    // Long repetitions take gigabytes to generate.
    .replaceAll(/\{(\d+),(\d+)\}/g, (_, least, most) => `{${least},${Math.min(most, Number(least) + 8)}}`)
  const texts = fc.stringMatching(new RegExp(bare, flags.includes('u') ? 'u' : ''))
  const changes = flags.includes('i') ? [same, upper, lower] : [same]
  return fc.tuple(texts, fc.constantFrom(...changes)).map(([text, change]) => change(text))
}
const same = (text: string) => text
const upper = (text: string) => text.toUpperCase()
const lower = (text: string) => text.toLowerCase()

describe('the hints', () => {
  it('are there for each rule that can find a secret', () => {
    const searching = [...PATTERNS].filter(([, patterns]) => patterns.length > 0).map(([id]) => id)
    const found = searching.filter((id) => id !== 'privatekey' && id !== 'filter-comments')
    expect(Object.keys(RULE_HINTS).sort()).toEqual(found.sort())
    expect(Object.keys(SECRET_NAMES).sort()).toEqual(found.sort())
  })

  it.each(SEARCHED)('of %s are in every text that it matches: %s', (id, pattern) => {
    const hint = new RegExp(RULE_HINTS[id] ?? '(?!)', 'i')
    let found = 0
    fc.assert(
      fc.property(matching(pattern), fc.string({ unit: 'binary' }), fc.string(), (secret, before, after) => {
        const text = `${before} ${secret} ${after}`
        expect(detect(text)).toEqual(search(text))
        if (text.search(pattern) === -1) return
        found++
        expect(text).toMatch(hint)
      }),
    )
    expect(found).toBeGreaterThan(0)
  })
  it('of a URL are found with the longest user and password', () => {
    const long = (letters: string) => letters.repeat(128)
    expect(detect(`https://${long('uv')}:${long('pq')}@host.internal.io/`)).toHaveLength(1)
  })
})
