import { describe, expect, it } from 'vitest'
import { judgePromotion, type ReleaseLine } from '../../../api/contract/release-line.ts'

const LINE: ReleaseLine = {
  hold: null,
  highest: { release: '1.2.0', identity: 'two' },
  rolledBack: [],
  sourceHold: { above: '1.3.0' },
}
const release = (name: string | undefined) => ({ release: name, identity: 'new', payloadSha256: 'p' })

describe('a release of a source that was rolled back', () => {
  it('waits up to the release that was rolled back, and is promoted above it', () => {
    expect(judgePromotion(LINE, release('1.3.0'))).toBe('source_rolled_back')
    expect(judgePromotion(LINE, release('1.3.1'))).toBe('promote')
  })

  it('is judged by the line of its prompt first', () => {
    expect(judgePromotion(LINE, release('1.1.0'))).toBe('not_newer')
    expect(judgePromotion(LINE, release(undefined))).toBe('not_newer')
    const frozen: ReleaseLine = { ...LINE, hold: { kind: 'until_lifted', above: null } }
    expect(judgePromotion(frozen, release('1.3.1'))).toBe('frozen')
    const rolledBack: ReleaseLine = { ...LINE, hold: { kind: 'until_release', above: '1.4.0' } }
    expect(judgePromotion(rolledBack, release('1.3.1'))).toBe('rolled_back')
  })

  it('waits without a semantic version, and never if nothing was released before', () => {
    expect(judgePromotion({ ...LINE, highest: null }, release(undefined))).toBe('source_rolled_back')
    expect(judgePromotion({ ...LINE, sourceHold: { above: null } }, release('1.2.1'))).toBe('promote')
  })
})
