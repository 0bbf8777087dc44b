import { describe, expect, it } from 'vitest'
import { readTags } from '../../../controller/pass/read-tags.ts'
import type { GitSnapshot } from '../../../controller/source/git-source.ts'
import type { Oid } from '../../../controller/source/oid.ts'
import { sourceConfig } from '../../support/controller.ts'

const oid = (digit: number) => String(digit).repeat(40)
const [MAIN, RELEASE, OLD, STRAY] = [oid(1), oid(2), oid(3), oid(4)]
const LISTING = {
  branch: 'main',
  commit: MAIN,
  branches: [
    { name: 'old/1.x', commit: OLD },
    { name: 'release/1.0', commit: RELEASE },
  ],
  tags: [
    { name: 'nightly', commit: STRAY },
    { name: 'v1.0.0', commit: MAIN },
    { name: 'v1.0.1', commit: RELEASE },
    { name: 'v2.0.0', commit: STRAY },
  ],
}

/** The classified tags of the listing, and the requests about their commits. */
async function read(settings: object, ledger: Readonly<Record<string, Oid>> = {}) {
  const asked: { commits: readonly Oid[]; tips: readonly Oid[] }[] = []
  const snapshot: Pick<GitSnapshot, 'reachable' | 'tagObjects'> = {
    reachable: async (commits, tips) => {
      asked.push({ commits, tips })
      return new Set(commits.filter((commit) => tips.includes(commit)))
    },
    tagObjects: async () => new Map(),
  }
  const { releases, findings } = await readTags({
    source: sourceConfig({ name: 'demo', repository: '/repository', ...settings }),
    listing: LISTING,
    snapshot,
    ledger: new Map(Object.entries(ledger)),
    known: { keys: new Set(), problems: new Map(), again: false },
    now: 0,
  })
  return {
    asked,
    tags: releases.map(({ tag }) => tag),
    unreachable: findings.flatMap(({ code, message }) => (code.endsWith('unreachable') ? [message] : [])),
  }
}

describe('a tag counts if it is on', () => {
  it('the branch only, without releaseBranches', async () => {
    const { asked, tags, unreachable } = await read({})
    expect(asked).toEqual([{ commits: [MAIN, RELEASE, STRAY], tips: [MAIN] }])
    expect(tags).toEqual(['v1.0.0'])
    expect(unreachable).toEqual([
      'Tag v1.0.1 is not on branch main. Merge it, add its branch to releaseBranches, or set requireReachable: false.',
      'Tag v2.0.0 is not on branch main. Merge it, add its branch to releaseBranches, or set requireReachable: false.',
    ])
  })

  it('a branch that matches releaseBranches, which the message names', async () => {
    const { asked, tags, unreachable } = await read({ releaseBranches: ['main', 'release/*', 'hotfix/*'] })
    expect(asked.map(({ tips }) => tips)).toEqual([[MAIN, RELEASE]])
    expect(tags).toEqual(['v1.0.0', 'v1.0.1'])
    expect(unreachable).toEqual([
      expect.stringMatching(/^Tag v2\.0\.0 is not on branch main, release\/\* or hotfix\/\*\. /),
    ])
  })

  it('any commit, if it need not be reachable, without a request', async () => {
    const { asked, tags, unreachable } = await read({ requireReachable: false })
    expect([asked, unreachable]).toEqual([[], []])
    expect(tags).toEqual(['v1.0.0', 'v1.0.1', 'v2.0.0'])
  })
})

describe('reachability is requested', () => {
  it('only for new tags', async () => {
    const { asked, tags } = await read({}, { 'v1.0.0': MAIN, 'v2.0.0': STRAY })
    expect(asked.map(({ commits }) => commits)).toEqual([[RELEASE]])
    expect(tags).toEqual(['v1.0.0', 'v2.0.0'])
  })

  it('not at all without new tags', async () => {
    const ledger = { 'v1.0.0': MAIN, 'v1.0.1': RELEASE, 'v2.0.0': STRAY }
    expect((await read({}, ledger)).asked).toEqual([])
  })
})
