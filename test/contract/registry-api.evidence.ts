import { expect } from 'vitest'
import { LIMITS } from '../../api/contract/limits.ts'
import { sha256 } from '../../api/contract/version.ts'
import { type ApiCase, outcome, passed, push, wrong } from './registry-api.harness.ts'

/** Evidence that is posted. */
export const API_EVIDENCE_CASES: readonly ApiCase[] = [
  {
    name: 'lists statements as they were signed, page by page, about the version that was asked for',
    async run({ api }) {
      await api('write').push(push('a', 'one'))
      const [one, two] = [passed('a', 'one'), passed('a', 'two')]
      const first = await api('attest').attest('a', one)
      expect(first).toMatchObject({ identity: sha256('one'), created: true })
      expect(await api('attest').attest('a', one)).toEqual({ ...first, created: false })
      await api('admin').attest('a', two)
      const { evidence, next_cursor } = await api('write').evidence({ prompt_id: 'a', limit: 1 })
      expect(evidence).toMatchObject([{ envelope: two, actor: 'admin' }])
      const rest = await api('write').evidence({ prompt_id: 'a', cursor: next_cursor ?? '' })
      expect(rest).toMatchObject({
        evidence: [{ ...{ envelope: one, sha256: first.sha256 }, actor: 'attest' }],
      })
      expect(rest.next_cursor).toBeNull()
      const about = { prompt_id: 'a', identity: sha256('one') }
      expect((await api('write').evidence(about)).evidence).toEqual(rest.evidence)
    },
  },
  {
    name: 'lets a caller with the access attest do nothing else, and a writer not attest',
    async run({ api }) {
      await api('write').push(push('a', 'one'))
      const calls = [
        () => api('attest').list(),
        () => api('attest').evidence({ prompt_id: 'a' }),
        () => api('attest').push(push('a', 'two')),
        () => api('write').attest('a', passed('a', 'one')),
        () => api('read').attest('a', passed('a', 'one')),
      ]
      for (const call of calls) expect(await outcome(call)).toBe('forbidden')
      expect((await api('admin').evidence({ prompt_id: 'a' })).evidence).toEqual([])
    },
  },
  {
    name: 'refuses a statement that could never count, and stores nothing',
    async run({ api }) {
      await api('write').push(push('a', 'one'))
      const right = passed('a', 'one')
      const attest = (id: string, request: object) => outcome(() => api('attest').attest(id, wrong(request)))
      expect(await attest('a', passed('b', 'one'))).toBe('invalid_request')
      expect(await attest('a', { ...right, payload: 'not base64!' })).toBe('invalid_request')
      expect(await attest('a/../b', right)).toBe('invalid_prompt_id')
      expect(await attest('nobody', passed('nobody', 'one'))).toBe('not_found')
      expect(await attest('a', { ...right, payload: 'A'.repeat(LIMITS.evidenceBytes) })).toBe('too_large')
      expect((await api('admin').evidence({ prompt_id: 'a' })).evidence).toEqual([])
    },
  },
]
