import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, RegistryError } from '../../../api/contract/errors.ts'
import { LIMITS } from '../../../api/contract/limits.ts'
import type { BatchOperation, BatchOutcome, RegistryApi } from '../../../api/contract/registry-api.ts'
import { BatchRequest } from '../../../api/contract/schemas/index.ts'
import { TransportError } from '../../../client/transport/transport.ts'
import { applyPlan } from '../../../controller/pass/apply.ts'
import { toBatches } from '../../../controller/pass/batches.ts'
import type {
  NameChange,
  PlannedChange,
  PromoteChange,
  PromptChanges,
  PushChange,
} from '../../../controller/plan/changes.ts'
import type { Plan } from '../../../controller/plan/plan.ts'
import type { GitSnapshot } from '../../../controller/source/git-source.ts'
import fc from '../../support/fast-check.ts'
import { COMMIT, PLAN } from '../../support/planned-source.ts'

const IDENTITY = 'a'.repeat(64)

type Answer = (operation: BatchOperation) => BatchOutcome | Error

const done = (operation: BatchOperation): BatchOutcome => ({
  ok: true,
  status: 200,
  result:
    operation.op === 'push'
      ? {
          prompt_id: operation.prompt_id,
          version: 'l',
          identity: IDENTITY,
          status: 'draft',
          created: true,
          applied: true,
          revision: 1,
        }
      : {
          prompt_id: operation.prompt_id,
          version: 'l',
          status: 'stable',
          changed: true,
          applied: true,
          ...{ previous: null, release: null, previous_release: null },
          revision: 1,
        },
})
const refused = (code: ErrorCode): BatchOutcome => ({ ok: false, status: 409, code, error: `It is ${code}.` })

/** A registry that answers each operation. An error fails the whole request. */
function registry(answer: Answer = done) {
  const requests: BatchOperation[][] = []
  const batch = async (request: { operations: BatchOperation[] }) => {
    requests.push(request.operations)
    BatchRequest.parse(request)
    const outcomes = request.operations.map(answer)
    const error = outcomes.find((outcome) => outcome instanceof Error)
    if (error !== undefined) throw error
    return { outcomes }
  }
  return { requests, api: { batch } as unknown as RegistryApi }
}

/** A repository whose blobs are named after their content. */
const snapshot = {
  async *blobs(oids: Iterable<string>) {
    for (const oid of oids) yield { oid, bytes: Buffer.from(textOf(oid)) }
  },
  commit: async () => ({ author: 'Ada <ada@example.com>', committedAt: '2026-01-01T00:00:00.000Z' }),
  tagObjects: async (objects: Iterable<string>) =>
    new Map(
      [...objects].map((object) => [
        object,
        { tagger: 'Tess <tess@example.com>', taggedAt: '2026-01-02T00:00:00.000Z', signature: null },
      ]),
    ),
} as unknown as GitSnapshot

const textOf = (oid: string) => (/^\d+$/.test(oid) ? '\u0001'.repeat(Number(oid)) : oid)

const push = (id: string, blob = `text of ${id}`): PushChange => ({
  do: 'push',
  id,
  path: `prompts/${id}.txt`,
  blob,
  commit: COMMIT,
  format: 'front-matter',
  templateLanguage: null,
  contentStart: Math.max(0, blob.indexOf('body')),
  additions: null,
  identity: IDENTITY,
  version: 'l',
  contentSha256: 'c',
  payloadSha256: 'p',
  latest: true,
  creates: true,
  from: null,
})
const ofRelease = (id: string, release: string) => ({
  ...{ id, version: 'l', identity: IDENTITY, release, tag: `v${release}`, commit: COMMIT },
})
const name = (id: string, release = '1.0.0', standing: NameChange['standing'] = 'counts'): NameChange => ({
  do: 'name',
  standing,
  ...ofRelease(id, release),
})
const promote = (id: string, release = '1.0.0'): PromoteChange => ({
  do: 'promote',
  from: null,
  swaps: true,
  evidence: [],
  ...ofRelease(id, release),
})
const prompt = (id: string, ...changes: PlannedChange[]): PromptChanges => ({ id, changes })

async function apply(
  stages: { current?: PromptChanges[]; backfill?: PromptChanges[] },
  { requests, api }: ReturnType<typeof registry> = registry(),
  signal = new AbortController().signal,
) {
  const tags = new Map([['v1.0.0', { commit: COMMIT, object: 'o', signer: 'Tess' }]])
  const plan: Plan = { ...PLAN, kind: 'first', tags, ...stages }
  const progress: string[] = []
  const outcomes = await applyPlan(plan, {
    now: 0,
    api,
    snapshot,
    repository: 'https://example.com/r.git',
    leaseToken: 7,
    signal,
    onProgress: ({ done: made, total }) => progress.push(`${made}/${total}`),
  })
  return {
    requests,
    progress,
    outcomes: [...outcomes].map(({ change, kind }) => `${change.do} ${change.id} ${kind}`),
    operations: requests.flat().map((operation) => `${operation.op} ${operation.prompt_id}`),
    codes: [...outcomes].map(({ code }) => code),
  }
}

describe('a plan that is carried out', () => {
  it('sends each operation with its fields, as the source and under its lease', async () => {
    const { requests } = await apply({
      current: [
        prompt(
          'p',
          {
            ...push('p', '---\nmodel: m\ndescription: other\n---\nbody'),
            additions: { tags: ['t'] },
          },
          promote('p'),
          name('p', '1.1.0', 'waits'),
          name('p', '1.0.0-rc.1', 'names'),
        ),
      ],
    })
    const origin = {
      source: 'demo',
      repository: 'https://example.com/r.git',
      commit: COMMIT,
      path: 'prompts/p.txt',
      blob: '---\nmodel: m\ndescription: other\n---\nbody',
      author: 'Ada <ada@example.com>',
      committed_at: '2026-01-01T00:00:00.000Z',
    }
    const asSource = { prompt_id: 'p', source: 'demo', lease_token: 7 }
    const version = { version: 'l', identity: IDENTITY }
    expect(requests).toEqual([
      [
        {
          op: 'push',
          prompt_id: 'p',
          content: 'body',
          front_matter: '---\nmodel: m\ndescription: other\n---\n',
          format: 'front-matter',
          template_language: null,
          additions: { tags: ['t'] },
          latest: true,
          lease_token: 7,
          origin,
        },
        {
          op: 'promote',
          ...version,
          alias: '1.0.0',
          reason: 'release tag v1.0.0',
          release_tag: {
            tag: 'v1.0.0',
            tag_object: 'o',
            commit: COMMIT,
            tagger: 'Tess <tess@example.com>',
            tagged_at: '2026-01-02T00:00:00.000Z',
            signer: 'Tess',
          },
          ...asSource,
        },
        {
          op: 'alias',
          ...version,
          alias: '1.1.0',
          waiting: true,
          reason: 'release tag v1.1.0',
          release_tag: expect.objectContaining({ tag: 'v1.1.0', tag_object: null, signer: null }),
          ...asSource,
        },
        {
          op: 'alias',
          ...version,
          alias: '1.0.0-rc.1',
          counts: false,
          reason: 'release tag v1.0.0-rc.1',
          release_tag: expect.objectContaining({ tag: 'v1.0.0-rc.1' }),
          ...asSource,
        },
      ],
    ])
  })

  it("restores git's versions by version and identity", async () => {
    const stable = { version: 'l', identity: IDENTITY, release: '1.0.0' }
    const { operations, requests } = await apply({
      current: [prompt('p', { do: 'heal', id: 'p', stable, latest: null })],
    })
    expect(operations).toEqual(['heal p'])
    expect(requests[0]?.[0]).toMatchObject({ stable: { version: 'l', identity: IDENTITY, release: '1.0.0' } })
  })

  it('applies current changes before the backfill, and reports progress', async () => {
    const { operations, outcomes, progress } = await apply({
      current: [prompt('a', push('a')), prompt('b', push('b'))],
      backfill: [prompt('a', name('a'))],
    })
    expect(operations).toEqual(['push a', 'push b', 'alias a'])
    expect(outcomes).toEqual(['push a done', 'push b done', 'name a done'])
    expect(progress).toEqual(['2/3', '3/3'])
  })

  it('has one outcome per change, regardless of batching', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(130), { maxLength: 12 }), async (sizes) => {
        const current = sizes.map((size, index) =>
          prompt(`p${index}`, ...Array.from({ length: size }, (_, n) => name(`p${index}`, `1.0.${n}`))),
        )
        const { requests, outcomes } = await apply({ current })
        expect(outcomes).toHaveLength(sizes.reduce((sum, size) => sum + size, 0))
        for (const request of requests) expect(request.length).toBeLessThanOrEqual(LIMITS.batch)
        // The changes of one prompt come in the order of the plan, and never in two requests at a time.
        for (const { id, changes } of current) {
          const sent = requests.flat().filter((operation) => operation.prompt_id === id)
          expect(sent.map((operation) => operation.op === 'alias' && operation.alias)).toEqual(
            changes.map((change) => change.do === 'name' && change.release),
          )
        }
      }),
      { numRuns: 50 },
    )
  })

  it("sends no body above the registry's limit", async () => {
    // Each of these characters takes six in JSON.
    const sizes = [262_144, 262_144, 1, 100_000, 60_000, 20_000, 262_144, 262_144]
    const { requests, outcomes } = await apply({
      current: sizes.map((size, index) => prompt(`p${index}`, push(`p${index}`, String(size)))),
    })
    expect(outcomes).toHaveLength(sizes.length)
    for (const operations of requests)
      expect(Buffer.byteLength(JSON.stringify({ operations }))).toBeLessThanOrEqual(LIMITS.bodyBytes)
    expect(requests.length).toBeLessThan(sizes.length)
  })

  it('keeps the changes of a prompt in one batch if they fit', () => {
    const stage = [60, 40, 1, 100, 150, 1].map((size, index) =>
      prompt(`p${index}`, ...Array.from({ length: size }, () => name(`p${index}`))),
    )
    expect([...toBatches(stage)].map((batch) => batch.length)).toEqual([100, 1, 100, 150, 1])
  })
})

describe('an outcome', () => {
  const outcomeOf = async (change: PlannedChange, answer: BatchOutcome) =>
    (
      await apply(
        { current: [prompt('p', change)] },
        registry((one) => (one.op === opOf(change) ? answer : done(one))),
      )
    ).outcomes[0]
  const opOf = (change: PlannedChange) => (change.do === 'name' ? 'alias' : change.do)

  it('is done if the registry wrote something, otherwise unchanged', async () => {
    const answered = (change: PlannedChange, applied: boolean) => {
      const answer = done({ op: opOf(change), prompt_id: 'p' } as BatchOperation)
      if (!answer.ok) throw new Error()
      return outcomeOf(change, { ...answer, result: { ...answer.result, applied } as never })
    }
    for (const change of [push('p'), promote('p'), name('p')]) {
      expect(await answered(change, true)).toBe(`${change.do} p done`)
      expect(await answered(change, false)).toBe(`${change.do} p unchanged`)
    }
  })

  const AGAIN: ErrorCode[] = [
    'busy',
    'unavailable',
    'storage_full',
    'in_use',
    'internal',
    'lease_held',
    'lease_lost',
    'unauthorized',
    'read_only',
  ]
  it.each(ERROR_CODES)('of %s is retried, waits or is refused', async (code) => {
    const kindOf = async (change: PlannedChange) =>
      (await outcomeOf(change, refused(code)))?.split(' ').at(-1)
    const other = AGAIN.includes(code) ? 'failed' : 'refused'
    expect(await kindOf(push('p'))).toBe(other)
    expect(await kindOf(name('p'))).toBe(other)
    const isHeld = code === 'held' || code === 'breaking_inputs'
    const ofPromotion: string = isHeld ? 'held' : code === 'not_newer' ? 'lower' : other
    expect(await kindOf(promote('p'))).toBe(ofPromotion)
  })
})

describe('a promotion that is held or too low', () => {
  it.each(['held', 'not_newer'] as const)(
    'as %s still names its version, before the backfill',
    async (code) => {
      const { operations, outcomes } = await apply(
        { current: [prompt('p', promote('p'))], backfill: [prompt('q', name('q'))] },
        registry((one) => (one.op === 'promote' ? refused(code) : done(one))),
      )
      expect(operations).toEqual(['promote p', 'alias p', 'alias q'])
      expect(outcomes).toEqual([`promote p ${code === 'held' ? 'held' : 'lower'}`, 'name q done'])
    },
  )

  it('reports if even naming fails', async () => {
    const { outcomes, codes } = await apply(
      { current: [prompt('p', promote('p'))] },
      registry((one) => refused(one.op === 'promote' ? 'held' : 'alias_taken')),
    )
    expect(outcomes).toEqual(['promote p held', 'name p refused'])
    expect(codes).toEqual(['held', 'alias_taken'])
  })

  it('names nothing for any other outcome', async () => {
    const { operations } = await apply(
      { current: [prompt('p', promote('p'))] },
      registry(() => refused('not_owner')),
    )
    expect(operations).toEqual(['promote p'])
  })
})

describe('a batch that fails as a whole', () => {
  const three = [prompt('a', push('a')), prompt('b', push('b'), promote('b')), prompt('c', push('c'))]

  it('fails each of its changes, to be retried', async () => {
    const { outcomes, operations } = await apply(
      { current: three },
      registry(() => new TransportError('unreachable', 'connection reset')),
    )
    expect(outcomes).toEqual(['push a failed', 'push b failed', 'promote b failed', 'push c failed'])
    expect(operations).toHaveLength(4)
  })

  it('fails the pass if the cause is a bug, which no retry would mend', async () => {
    const bug = new TypeError('undefined is not a function')
    await expect(
      apply(
        { current: three },
        registry(() => bug),
      ),
    ).rejects.toBe(bug)
  })

  it('because of one invalid change is sent one by one, in order', async () => {
    const flaw = new RegistryError('invalid_text', 'operations.1.content: holds a NUL.')
    const { outcomes, operations } = await apply(
      { current: three },
      registry((one) => (one.op === 'push' && one.prompt_id === 'b' ? flaw : done(one))),
    )
    expect(outcomes).toEqual(['push a done', 'push b refused', 'promote b done', 'push c done'])
    expect(operations.slice(4)).toEqual(['push a', 'push b', 'promote b', 'push c'])
  })

  it('does not block other batches', async () => {
    const current = Array.from({ length: 3 }, (_, n) =>
      prompt(`p${n}`, ...Array.from({ length: 100 }, (__, m) => name(`p${n}`, `1.0.${m}`))),
    )
    const { outcomes } = await apply(
      { current },
      registry((one) =>
        one.prompt_id === 'p1' ? new TransportError('unreachable', 'connection reset') : done(one),
      ),
    )
    const count = (kind: string) => outcomes.filter((outcome) => outcome.endsWith(kind)).length
    expect({ done: count('done'), failed: count('failed') }).toEqual({ done: 200, failed: 100 })
  })

  it('with fewer outcomes than changes fails the rest', async () => {
    const api = { batch: async () => ({ outcomes: [] }) } as unknown as RegistryApi
    const { outcomes } = await apply({ current: three }, { requests: [], api })
    expect(new Set(outcomes.map((outcome) => outcome.split(' ').at(-1)))).toEqual(new Set(['failed']))
  })
})

describe('a pass that is stopped', () => {
  it('sends nothing more, and rejects with the reason', async () => {
    const stop = new AbortController()
    const ours = registry((one) => {
      stop.abort(new Error('the lease is lost'))
      return done(one)
    })
    const current = Array.from({ length: 20 }, (_, n) =>
      prompt(`p${n}`, ...Array.from({ length: 100 }, (__, m) => name(`p${n}`, `1.0.${m}`))),
    )
    await expect(apply({ current }, ours, stop.signal)).rejects.toThrow('the lease is lost')
    expect(ours.requests.length).toBeLessThanOrEqual(4)
  })
})
