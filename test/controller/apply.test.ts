import { describe, expect, it } from 'vitest'
import { ERROR_CODES, type ErrorCode, RegistryError } from '../../api/contract/errors.ts'
import { LIMITS } from '../../api/contract/limits.ts'
import type { BatchOperation, BatchOutcome, RegistryApi } from '../../api/contract/registry-api.ts'
import { BatchRequest } from '../../api/contract/schemas.ts'
import { applyPlan, toBatches } from '../../controller/apply.ts'
import type { Change, NamingChange, PromptChanges, PushChange } from '../../controller/plan/changes.ts'
import type { Plan } from '../../controller/plan.ts'
import type { GitSnapshot } from '../../controller/source/git-source.ts'
import fc from '../support/fast-check.ts'
import { COMMIT, PLAN } from '../support/planned-source.ts'

type Answer = (operation: BatchOperation) => BatchOutcome | Error

const done = (operation: BatchOperation): BatchOutcome => ({
  ok: true,
  status: 200,
  result:
    operation.op === 'push'
      ? { prompt_id: operation.prompt_id, version: 'l', status: 'draft', created: true, revision: 1 }
      : {
          prompt_id: operation.prompt_id,
          version: 'l',
          status: 'stable',
          changed: true,
          previous: null,
          revision: 1,
        },
})
const refused = (code: ErrorCode): BatchOutcome => ({ ok: false, status: 409, code, error: `It is ${code}.` })

/** A registry that answers operation by operation; an error is that of the whole request. */
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

/** A repository whose blobs are named after their texts. */
const snapshot = {
  async *blobs(oids: Iterable<string>) {
    for (const oid of oids) yield { oid, bytes: Buffer.from(textOf(oid)) }
  },
  commit: async () => ({ author: 'Ada <ada@example.com>', committedAt: '2026-01-01T00:00:00.000Z' }),
} as unknown as GitSnapshot

const textOf = (oid: string) => (/^\d+$/.test(oid) ? '\u0001'.repeat(Number(oid)) : oid)

const push = (id: string, blob = `text of ${id}`): PushChange => ({
  do: 'push',
  id,
  path: `prompts/${id}.txt`,
  blob,
  commit: COMMIT,
  label: 'l',
  description: null,
  tags: [],
  latest: true,
})
const naming = (what: NamingChange['do'], id: string, release = '1.0.0'): NamingChange => ({
  do: what,
  id,
  label: 'l',
  release,
  tag: `v${release}`,
  commit: COMMIT,
})
const prompt = (id: string, ...changes: Change[]): PromptChanges => ({ id, changes })

async function apply(
  stages: { current?: PromptChanges[]; backfill?: PromptChanges[] },
  { requests, api }: ReturnType<typeof registry> = registry(),
  signal = new AbortController().signal,
) {
  const plan: Plan = { ...PLAN, kind: 'first', ...stages }
  const progress: string[] = []
  const outcomes = await applyPlan(plan, {
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
    outcomes: outcomes.map(({ change, kind }) => `${change.do} ${change.id} ${kind}`),
    operations: requests.flat().map((operation) => `${operation.op} ${operation.prompt_id}`),
    codes: outcomes.map(({ code }) => code),
  }
}

describe('a plan that is carried out', () => {
  it('sends what each operation needs, as the source and under its lease', async () => {
    const { requests } = await apply({
      current: [
        prompt(
          'p',
          { ...push('p', '---\nmodel: m\ndescription: other\n---\nbody'), description: 'd' },
          naming('promote', 'p'),
        ),
      ],
    })
    expect(requests).toEqual([
      [
        {
          op: 'push',
          prompt_id: 'p',
          content: 'body',
          config: { model: 'm' },
          description: 'd',
          tags: [],
          latest: true,
          lease_token: 7,
          origin: {
            source: 'demo',
            repository: 'https://example.com/r.git',
            commit: COMMIT,
            path: 'prompts/p.txt',
            blob: '---\nmodel: m\ndescription: other\n---\nbody',
            author: 'Ada <ada@example.com>',
            committed_at: '2026-01-01T00:00:00.000Z',
          },
        },
        {
          op: 'promote',
          prompt_id: 'p',
          version: 'l',
          alias: '1.0.0',
          source: 'demo',
          reason: 'release tag v1.0.0',
          lease_token: 7,
        },
      ],
    ])
  })

  it('has what is current before the backfill, and tells its progress', async () => {
    const { operations, outcomes, progress } = await apply({
      current: [prompt('a', push('a')), prompt('b', push('b'))],
      backfill: [prompt('a', naming('alias', 'a'))],
    })
    expect(operations).toEqual(['push a', 'push b', 'alias a'])
    expect(outcomes).toEqual(['push a done', 'push b done', 'alias a done'])
    expect(progress).toEqual(['2/3', '3/3'])
  })

  it('has one outcome for each change, however they are sent', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.nat(130), { maxLength: 12 }), async (sizes) => {
        const current = sizes.map((size, index) =>
          prompt(
            `p${index}`,
            ...Array.from({ length: size }, (_, n) => naming('alias', `p${index}`, `1.0.${n}`)),
          ),
        )
        const { requests, outcomes } = await apply({ current })
        expect(outcomes).toHaveLength(sizes.reduce((sum, size) => sum + size, 0))
        for (const request of requests) expect(request.length).toBeLessThanOrEqual(LIMITS.batch)
        // Of one prompt in the order of the plan, and never in two requests at a time.
        for (const { id, changes } of current) {
          const sent = requests.flat().filter((operation) => operation.prompt_id === id)
          expect(sent.map((operation) => operation.op === 'alias' && operation.alias)).toEqual(
            changes.map((change) => change.do === 'alias' && change.release),
          )
        }
      }),
      { numRuns: 50 },
    )
  })

  it('sends no body that is larger than the registry takes', async () => {
    // Characters that JSON writes with six.
    const sizes = [262_144, 262_144, 1, 100_000, 60_000, 20_000, 262_144, 262_144]
    const { requests, outcomes } = await apply({
      current: sizes.map((size, index) => prompt(`p${index}`, push(`p${index}`, String(size)))),
    })
    expect(outcomes).toHaveLength(sizes.length)
    for (const operations of requests)
      expect(Buffer.byteLength(JSON.stringify({ operations }))).toBeLessThanOrEqual(LIMITS.bodyBytes)
    expect(requests.length).toBeLessThan(sizes.length)
  })

  it('keeps the changes of a prompt in one batch where they fit', () => {
    const stage = [60, 40, 1, 100, 150, 1].map((size, index) =>
      prompt(`p${index}`, ...Array.from({ length: size }, () => naming('alias', `p${index}`))),
    )
    expect(toBatches(stage).map((batch) => batch.length)).toEqual([100, 1, 100, 150, 1])
  })
})

describe('an outcome', () => {
  const outcomeOf = async (change: Change, answer: BatchOutcome) =>
    (
      await apply(
        { current: [prompt('p', change)] },
        registry((one) => (one.op === change.do ? answer : done(one))),
      )
    ).outcomes[0]

  it('is done or unchanged as the registry says', async () => {
    const answered = (change: Change, field: 'created' | 'changed', value: boolean) => {
      const answer = done({ op: change.do, prompt_id: 'p' } as BatchOperation)
      if (!answer.ok) throw new Error()
      return outcomeOf(change, { ...answer, result: { ...answer.result, [field]: value } as never })
    }
    expect(await answered(push('p'), 'created', true)).toBe('push p done')
    expect(await answered(push('p'), 'created', false)).toBe('push p unchanged')
    expect(await answered(naming('promote', 'p'), 'changed', true)).toBe('promote p done')
    expect(await answered(naming('promote', 'p'), 'changed', false)).toBe('promote p unchanged')
    expect(await answered(naming('alias', 'p'), 'changed', false)).toBe('alias p unchanged')
  })

  const AGAIN: ErrorCode[] = [
    'busy',
    'unavailable',
    'internal',
    'lease_held',
    'lease_lost',
    'unauthorized',
    'read_only',
  ]
  it.each(ERROR_CODES)('of %s is tried again, waits or is refused', async (code) => {
    const kindOf = async (change: Change) => (await outcomeOf(change, refused(code)))?.split(' ').at(-1)
    const other = AGAIN.includes(code) ? 'failed' : 'refused'
    expect(await kindOf(push('p'))).toBe(other)
    expect(await kindOf(naming('alias', 'p'))).toBe(other)
    const ofPromotion: string = code === 'held' ? 'held' : code === 'not_newer' ? 'lower' : other
    expect(await kindOf(naming('promote', 'p'))).toBe(ofPromotion)
  })

  it('of a name that only a freeze or a higher release kept from promoting says so', async () => {
    const frozen = await apply({ current: [prompt('p', { ...naming('alias', 'p'), held: true })] })
    expect(frozen.outcomes).toEqual(['alias p held'])
    const late = await apply({ backfill: [prompt('p', { ...naming('alias', 'p'), below: '2.0.0' })] })
    expect(late.outcomes).toEqual(['alias p lower'])
    const failing = await apply(
      { current: [prompt('p', { ...naming('alias', 'p'), held: true })] },
      registry(() => refused('busy')),
    )
    expect(failing.outcomes).toEqual(['alias p failed'])
  })
})

describe('a promotion that the registry puts off', () => {
  it.each(['held', 'not_newer'] as const)(
    'as %s still names its version, before the backfill',
    async (code) => {
      const { operations, outcomes } = await apply(
        { current: [prompt('p', naming('promote', 'p'))], backfill: [prompt('q', naming('alias', 'q'))] },
        registry((one) => (one.op === 'promote' ? refused(code) : done(one))),
      )
      expect(operations).toEqual(['promote p', 'alias p', 'alias q'])
      expect(outcomes).toEqual([`promote p ${code === 'held' ? 'held' : 'lower'}`, 'alias q done'])
    },
  )

  it('tells where not even that is possible', async () => {
    const { outcomes, codes } = await apply(
      { current: [prompt('p', naming('promote', 'p'))] },
      registry((one) => refused(one.op === 'promote' ? 'held' : 'alias_taken')),
    )
    expect(outcomes).toEqual(['promote p held', 'alias p refused'])
    expect(codes).toEqual(['held', 'alias_taken'])
  })

  it('as anything else names nothing', async () => {
    const { operations } = await apply(
      { current: [prompt('p', naming('promote', 'p'))] },
      registry(() => refused('not_owner')),
    )
    expect(operations).toEqual(['promote p'])
  })
})

describe('a batch that fails as a whole', () => {
  const three = [
    prompt('a', push('a')),
    prompt('b', push('b'), naming('promote', 'b')),
    prompt('c', push('c')),
  ]

  it('is a failure of each of its changes, to be tried again', async () => {
    const { outcomes, operations } = await apply(
      { current: three },
      registry(() => new Error('connection reset')),
    )
    expect(outcomes).toEqual(['push a failed', 'push b failed', 'promote b failed', 'push c failed'])
    expect(operations).toHaveLength(4)
  })

  it('for a flaw in one of them is sent one by one, in order', async () => {
    const flaw = new RegistryError('invalid_text', 'operations.1.content: holds a NUL.')
    const { outcomes, operations } = await apply(
      { current: three },
      registry((one) => (one.op === 'push' && one.prompt_id === 'b' ? flaw : done(one))),
    )
    expect(outcomes).toEqual(['push a done', 'push b refused', 'promote b done', 'push c done'])
    expect(operations.slice(4)).toEqual(['push a', 'push b', 'promote b', 'push c'])
  })

  it('does not keep the other batches back', async () => {
    const current = Array.from({ length: 3 }, (_, n) =>
      prompt(`p${n}`, ...Array.from({ length: 100 }, (__, m) => naming('alias', `p${n}`, `1.0.${m}`))),
    )
    const { outcomes } = await apply(
      { current },
      registry((one) => (one.prompt_id === 'p1' ? new Error('connection reset') : done(one))),
    )
    const count = (kind: string) => outcomes.filter((outcome) => outcome.endsWith(kind)).length
    expect({ done: count('done'), failed: count('failed') }).toEqual({ done: 200, failed: 100 })
  })

  it('with fewer answers than changes fails those that have none', async () => {
    const api = { batch: async () => ({ outcomes: [] }) } as unknown as RegistryApi
    const { outcomes } = await apply({ current: three }, { requests: [], api })
    expect(new Set(outcomes.map((outcome) => outcome.split(' ').at(-1)))).toEqual(new Set(['failed']))
  })
})

describe('a pass that is stopped', () => {
  it('sends nothing more, and says why it ended', async () => {
    const stop = new AbortController()
    const ours = registry((one) => {
      stop.abort(new Error('the lease is lost'))
      return done(one)
    })
    const current = Array.from({ length: 20 }, (_, n) =>
      prompt(`p${n}`, ...Array.from({ length: 100 }, (__, m) => naming('alias', `p${n}`, `1.0.${m}`))),
    )
    await expect(apply({ current }, ours, stop.signal)).rejects.toThrow('the lease is lost')
    expect(ours.requests.length).toBeLessThanOrEqual(4)
  })
})
