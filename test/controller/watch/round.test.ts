import { describe, expect, it } from 'vitest'
import {
  type GitSnapshot,
  type GitSource,
  type RefListing,
  SourceError,
} from '../../../controller/source/git-source.ts'
import { WHOLE_TREE } from '../../../controller/source/tree-scope.ts'
import { startRound } from '../../../controller/watch/round.ts'
import { COMMIT } from '../../support/planned-source.ts'

/** A repository that records its calls. `fail` decides which of them fail. */
function repository() {
  const asked: string[] = []
  const fail: { list?: Error; open?: Error; read?: Error } = {}
  let listings = 0
  let open = 0
  const reading = async <T>(what: string, answer: T): Promise<T> => {
    asked.push(what)
    if (fail.read !== undefined) throw fail.read
    return answer
  }
  const git: GitSource = {
    async listRefs() {
      asked.push(`list ${++listings}`)
      if (fail.list !== undefined) throw fail.list
      return { branch: `listing ${listings}`, commit: COMMIT, branches: [], tags: [] }
    },
    async open(listing) {
      asked.push(`open ${listing.branch}`)
      if (fail.open !== undefined) throw fail.open
      expect(++open).toBe(1)
      return {
        tree: () => reading('tree', []),
        reachable: () => reading('reachable', new Set<string>()),
        mergeBase: () => reading('mergeBase', COMMIT),
        commit: () => reading('commit', { author: '', committedAt: '' }),
        tagObjects: () => reading('tagObjects', new Map()),
        async *blobs() {
          yield await reading('blobs', { oid: COMMIT, bytes: new Uint8Array() })
        },
        async close() {
          asked.push('close')
          open--
        },
      }
    },
  }
  return { git, asked, fail, isOpen: () => open > 0 }
}

/** Uses the snapshot like a pass. */
async function pass(view: GitSource): Promise<RefListing> {
  const listing = await view.listRefs()
  const snapshot = await view.open(listing)
  try {
    await snapshot.tree(listing.commit, WHOLE_TREE)
    return listing
  } finally {
    await snapshot.close()
  }
}

describe('a round', () => {
  it('reads the repository once for all its sources, and closes it at the end', async () => {
    const { git, asked, isOpen } = repository()
    const round = startRound(git)
    for (let source = 0; source < 20; source++) await pass(round.sourceView())
    expect(isOpen()).toBe(true)
    await round.end()
    expect(asked).toEqual(['list 1', 'open listing 1', ...Array(20).fill('tree'), 'close'])
    await round.end()
    expect(asked).toHaveLength(23)
  })

  it('opens nothing if no source needs it', async () => {
    const { git, asked } = repository()
    const round = startRound(git)
    await Promise.all([round.sourceView().listRefs(), round.sourceView().listRefs()])
    await round.end()
    expect(asked).toEqual(['list 1'])
  })

  it('lists again for a source that was overtaken and those after it, with one snapshot at a time', async () => {
    const { git, asked } = repository()
    const round = startRound(git)
    await pass(round.sourceView())
    const overtaken = round.sourceView()
    await pass(overtaken)
    expect((await pass(overtaken)).branch).toBe('listing 2')
    expect((await pass(round.sourceView())).branch).toBe('listing 2')
    await round.end()
    expect(asked.filter((what) => what !== 'tree')).toEqual([
      'list 1',
      'open listing 1',
      'list 2',
      'close',
      'open listing 2',
      'close',
    ])
  })

  it('fails every source with a failed listing, with a single request', async () => {
    const { git, asked, fail } = repository()
    fail.list = new SourceError('unreachable', 'down')
    const round = startRound(git)
    for (let source = 0; source < 3; source++) await expect(pass(round.sourceView())).rejects.toThrow('down')
    await round.end()
    expect(asked).toEqual(['list 1'])
  })

  it('retries to open the snapshot for the next source', async () => {
    const { git, asked, fail, isOpen } = repository()
    const round = startRound(git)
    fail.open = new SourceError('busy', 'in use')
    await expect(pass(round.sourceView())).rejects.toThrow('in use')
    delete fail.open
    await pass(round.sourceView())
    await round.end()
    expect(asked).toEqual(['list 1', 'open listing 1', 'open listing 1', 'tree', 'close'])
    expect(isOpen()).toBe(false)
  })

  const READS: Record<string, (view: GitSnapshot) => Promise<unknown>> = {
    tree: (view) => view.tree(COMMIT, WHOLE_TREE),
    reachable: (view) => view.reachable([COMMIT], [COMMIT]),
    mergeBase: (view) => view.mergeBase(COMMIT, COMMIT),
    commit: (view) => view.commit(COMMIT),
    tagObjects: (view) => view.tagObjects([COMMIT]),
    blobs: (view) => Array.fromAsync(view.blobs([COMMIT], 1)),
  }

  describe.each(Object.entries(READS))('whose snapshot fails at %s', (_name, read) => {
    const goneOnAfter = async (error: Error) => {
      const { git, asked, fail } = repository()
      const round = startRound(git)
      const view = round.sourceView()
      const snapshot = await view.open(await view.listRefs())
      fail.read = error
      await expect(read(snapshot)).rejects.toThrow(error)
      await snapshot.close()
      delete fail.read
      await pass(round.sourceView())
      await round.end()
      return asked.filter((what) => /open|close/.test(what))
    }

    it('opens another for the next source, which repairs a damaged cache', async () => {
      const asked = await goneOnAfter(new SourceError('failed', 'damaged'))
      expect(asked).toEqual(['open listing 1', 'close', 'open listing 1', 'close'])
    })

    it('keeps it if an object is missing, which is not damage', async () => {
      expect(await goneOnAfter(new SourceError('object_missing', 'gone'))).toEqual([
        'open listing 1',
        'close',
      ])
    })

    it('refuses it to a pass that has closed it', async () => {
      const { git } = repository()
      const round = startRound(git)
      const view = round.sourceView()
      const snapshot = await view.open(await view.listRefs())
      await snapshot.close()
      await expect(read(snapshot)).rejects.toMatchObject({ code: 'failed' })
      await round.end()
    })
  })
})
