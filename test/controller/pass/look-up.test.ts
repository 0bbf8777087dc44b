import { describe, expect, it } from 'vitest'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { FoundVersion, LookedUpPrompt } from '../../../api/contract/registry-api.ts'
import { LookupRequest } from '../../../api/contract/schemas/index.ts'
import { type Lookup, lookupRequests, lookupsOf, merged } from '../../../controller/pass/look-up.ts'
import type { DesiredRelease } from '../../../controller/plan/plan-input.ts'
import type { DesiredVersion } from '../../../controller/prompts/read-files.ts'
import fc from '../../support/fast-check.ts'

const hex = (number: number) => number.toString(16).padStart(64, '0')

function version(id: string, text: number): DesiredVersion {
  return {
    ...{
      id,
      path: `prompts/${id}.txt`,
      blob: 'b'.repeat(40),
      commit: 'c'.repeat(40),
      format: 'text',
      templateLanguage: null,
    },
    ...{ contentStart: 0, additions: null, payloadSha256: hex(text), inputs: [], unsafe: [] },
    ...{ description: null, tags: [] },
    identity: hex(text),
    version: `label${text}`,
    contentSha256: hex(1000 + text),
  }
}

const released = (id: string, text: number, release: string): DesiredRelease => ({
  ...version(id, text),
  ...{ tag: `v${release}`, release, prerelease: false, isNew: true, listed: true },
})

describe('the lookups of prompts', () => {
  it('are one per prompt, with the distinct keys of its draft and its releases', () => {
    const releases = new Map([
      ['a', [released('a', 2, '1.1.0'), released('a', 1, '1.0.0')]],
      ['c', [released('c', 5, '2.0.0'), released('c', 5, '2.0.1')]],
    ])
    expect(lookupsOf([version('a', 1), version('b', 3)], releases, ['d', 'a'])).toEqual([
      {
        prompt_id: 'a',
        names: ['1.1.0', '1.0.0', 'label2', 'label1'],
        identities: [hex(2), hex(1)],
        contents: [hex(1002), hex(1001)],
      },
      { prompt_id: 'b', names: ['label3'], identities: [hex(3)], contents: [hex(1003)] },
      { prompt_id: 'c', names: ['2.0.0', '2.0.1', 'label5'], identities: [hex(5)], contents: [hex(1005)] },
      { prompt_id: 'd', names: [], identities: [], contents: [] },
    ])
  })

  it('ask for the row of a prompt of which no release can become a version', () => {
    expect(lookupsOf([], new Map([['a', []]]), [])).toEqual([
      { prompt_id: 'a', names: [], identities: [], contents: [] },
    ])
  })
})

const lookup = (prompt_id: string, names: number, identities = 0, contents = 0): Lookup => ({
  prompt_id,
  names: Array.from({ length: names }, (_, index) => `n${index}`),
  identities: Array.from({ length: identities }, (_, index) => hex(index)),
  contents: Array.from({ length: contents }, (_, index) => hex(index)),
})

const sizes = (requests: ReturnType<typeof lookupRequests>) =>
  requests.map(({ prompts }) => prompts.map(({ prompt_id, names }) => `${prompt_id} ${names?.length}`))

describe('the requests of lookups', () => {
  it('have a limited number of prompts each', () => {
    const all = Array.from({ length: 2 * LIMITS.batch + 1 }, (_, index) => lookup(`p${index}`, 1))
    const requests = lookupRequests(all)
    expect(requests.map(({ prompts }) => prompts.length)).toEqual([LIMITS.batch, LIMITS.batch, 1])
    expect(requests.flatMap(({ prompts }) => prompts)).toEqual(all)
  })

  it('have a limited number of keys each, across all prompts', () => {
    const all = ['a', 'b', 'c', 'd'].map((id) => lookup(id, 500, 500, 500))
    expect(sizes(lookupRequests(all))).toEqual([
      ['a 500', 'b 500'],
      ['c 500', 'd 500'],
    ])
    expect(sizes(lookupRequests([lookup('a', 500), lookup('b', 500)]))).toEqual([['a 500', 'b 500']])
  })

  it('split a prompt with very many keys into parts', () => {
    expect(sizes(lookupRequests([lookup('a', 1201, 3), lookup('b', 1)]))).toEqual([
      ['a 500', 'a 500', 'a 201', 'b 1'],
    ])
    const [request] = lookupRequests([lookup('a', 3, 700)])
    expect(request?.prompts.map(({ names, identities }) => [names?.length, identities?.length])).toEqual([
      [3, 500],
      [0, 200],
    ])
  })

  it('may ask only for the row of a prompt', () => {
    expect(sizes(lookupRequests([lookup('a', 0), lookup('b', 0)]))).toEqual([['a 0', 'b 0']])
  })

  it('are empty for no prompts', () => {
    expect(lookupRequests([])).toEqual([])
  })

  it("stay within the registry's limits and ask for everything once, for any prompts", () => {
    const count = fc.oneof(fc.nat(3), fc.nat(1300))
    const any = fc.uniqueArray(
      fc
        .tuple(fc.stringMatching(/^[a-z][a-z0-9]{0,8}$/), count, count, count)
        .map(([id, names, identities, contents]) => lookup(id, names, identities, contents)),
      { selector: ({ prompt_id }) => prompt_id, maxLength: 12 },
    )
    fc.assert(
      fc.property(any, (lookups) => {
        const requests = lookupRequests(lookups)
        for (const request of requests) {
          LookupRequest.parse(request)
          const keys = request.prompts.flatMap(({ names, identities, contents }) => [
            ...[...(names ?? []), ...(identities ?? []), ...(contents ?? [])],
          ])
          expect(keys.length).toBeLessThanOrEqual(LIMITS.lookupKeysInAll)
        }
        const parts = requests.flatMap(({ prompts }) => prompts)
        for (const { prompt_id, names, identities, contents } of lookups) {
          const own = parts.filter((part) => part.prompt_id === prompt_id)
          expect(own.length).toBeGreaterThan(0)
          expect(own.flatMap((part) => part.names)).toEqual(names)
          expect(own.flatMap((part) => part.identities)).toEqual(identities)
          expect(own.flatMap((part) => part.contents)).toEqual(contents)
        }
      }),
      { numRuns: 50 },
    )
  })
})

describe('the answers to the parts of a lookup', () => {
  const found = (version: string): FoundVersion => ({
    version,
    identity: hex(1),
    status: 'draft',
    waiting: [],
    reading: null,
  })
  const answer = (different: Partial<LookedUpPrompt>): LookedUpPrompt => ({
    ...{ prompt_id: 'a', prompt: null, names: {}, versions: [], revoked_contents: [], problem: null },
    ...{ stable_inputs: null, enforces_inputs: false },
    ...different,
  })

  it('are merged into one', () => {
    const first = answer({ names: { '1.0.0': found('x') }, versions: [found('x')], revoked_contents: ['r'] })
    const second = answer({ names: { '1.1.0': found('y') }, versions: [found('y')], revoked_contents: ['s'] })
    expect(merged(first, second)).toEqual(
      answer({
        names: { '1.0.0': found('x'), '1.1.0': found('y') },
        versions: [found('x'), found('y')],
        revoked_contents: ['r', 's'],
      }),
    )
  })

  it('are unchanged if there is only one', () => {
    const only = answer({ names: { '1.0.0': found('x') } })
    expect(merged(undefined, only)).toBe(only)
  })

  it('have a problem if one of them has', () => {
    const problem = { error: 'The row cannot be read.', code: 'internal' } as LookedUpPrompt['problem']
    expect(merged(answer({ problem }), answer({})).problem).toEqual(problem)
    expect(merged(answer({}), answer({ problem })).problem).toEqual(problem)
  })
})
