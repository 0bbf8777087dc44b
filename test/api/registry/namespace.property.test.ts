import { expect, test } from 'vitest'
import { identityLabel, sha256, versionNameKey } from '../../../api/contract/index.ts'
import fc from '../../support/fast-check.ts'
import { makeRegistry, outcome, type TestRegistry } from '../../support/registry.ts'

const TEXTS = ['a', 'b', 'c']
const label = (text: string) => identityLabel(sha256(text))
const NAMES = [
  ...['1', 'v1', '1.0', '1.0.0', 'v1.0.0', '1.2', 'v1.2.0', '1.2-rc.1', 'v1.2.0-rc.1', '1.0.0+b', '1+b'],
  ...['blue', 'Blue', 'vblue', '01', 'v01.0', '1.0.0.0', ...TEXTS.map(label)],
]

const text = fc.constantFrom(...TEXTS)
const name = fc.constantFrom(...NAMES)
const step = fc.oneof(
  fc.record({ op: fc.constant('push' as const), text, label: fc.option(name, { nil: undefined }) }),
  fc.record({ op: fc.constant('alias' as const), name, version: name }),
  fc.record({ op: fc.constant('promote' as const), name, version: name }),
)
type Step = typeof step extends fc.Arbitrary<infer T> ? T : never

/** The expected names of one prompt: the label of each key, and the content of each label. */
class Namespace {
  readonly labels = new Map<string, string>()
  readonly texts = new Map<string, string>()

  textOf(written: string): string | undefined {
    return this.texts.get(this.labels.get(versionNameKey(written)) ?? '')
  }

  expected(step: Step): string {
    if (step.op === 'push') return this.#push(step)
    const target = this.labels.get(versionNameKey(step.version))
    if (target === undefined) return 'not_found'
    const claimed = this.textOf(step.name)
    if (claimed === undefined) this.labels.set(versionNameKey(step.name), target)
    return claimed === undefined || claimed === this.texts.get(target) ? 'done' : 'alias_taken'
  }

  #push({ text, label: asked }: Extract<Step, { op: 'push' }>): string {
    if (asked === undefined && [...this.texts.values()].includes(text)) return 'done'
    const given = asked ?? label(text)
    if (this.labels.has(versionNameKey(given))) return asked === undefined ? 'label_taken' : 'version_exists'
    this.labels.set(versionNameKey(given), given)
    this.texts.set(given, text)
    return 'done'
  }
}

function run({ admin }: TestRegistry, step: Step): Promise<unknown> {
  switch (step.op) {
    case 'push':
      return admin.push({ prompt_id: 'p', content: step.text, ...(step.label && { version: step.label }) })
    case 'alias':
      return admin.addAlias('p', { alias: step.name, version: step.version })
    case 'promote':
      return admin.promote('p', { alias: step.name, version: step.version })
    default:
      return step satisfies never
  }
}

test('a name always means the same version, in any spelling', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      const registry = makeRegistry()
      const namespace = new Namespace()
      await run(registry, { op: 'push', text: 'a', label: 'first' })
      namespace.expected({ op: 'push', text: 'a', label: 'first' })
      for (const one of steps) {
        const expected = namespace.expected(one)
        expect(await outcome(run(registry, one)), JSON.stringify(one)).toBe(expected)
      }
      for (const written of NAMES) {
        const text = namespace.textOf(written)
        const reading = registry.admin.resolve(`p@${written}`, { mode: 'dev' })
        if (text === undefined) expect(await outcome(reading)).toBe('not_found')
        else
          expect(await reading).toMatchObject({
            content: text,
            version: namespace.labels.get(versionNameKey(written)),
          })
      }
      registry.close()
    }),
    { numRuns: 150 },
  )
})
