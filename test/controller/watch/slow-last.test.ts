import { describe, expect, it } from 'vitest'
import { type GitSource, SourceError } from '../../../controller/source/git-source.ts'
import { slowLast } from '../../../controller/watch/slow-last.ts'

/** A repository that answers so, if it is asked for its refs. */
function repositoryAt(address: string, code?: 'unreachable' | 'unauthorized') {
  const git = {
    listRefs: () =>
      code === undefined ? Promise.resolve({}) : Promise.reject(new SourceError(code, 'It is not.')),
  } as unknown as GitSource
  return { address, git }
}

async function orderOf(repositories: readonly ReturnType<typeof repositoryAt>[]): Promise<string[]> {
  const order: string[] = []
  await slowLast(repositories, async ({ address, git }) => {
    order.push(address)
    await git.listRefs().catch(() => {})
  })
  return order
}

describe('repositories one after another', () => {
  it('come in their order as long as their places answer, whatever they answer', async () => {
    const repositories = [
      ...[repositoryAt('https://a.example.com/1'), repositoryAt('https://b.example.com/2', 'unauthorized')],
      ...[repositoryAt('https://a.example.com/3'), repositoryAt('https://b.example.com/4')],
    ]
    expect(await orderOf(repositories)).toEqual(repositories.map(({ address }) => address))
  })

  it('of a place that did not answer come after those of all others', async () => {
    const silent = [1, 2, 3].map((n) => repositoryAt(`https://silent.example.com/${n}`, 'unreachable'))
    const good = [1, 2].map((n) => repositoryAt(`https://good.example.com/${n}`))
    const order = await orderOf([...silent, ...good])
    expect(order.map((address) => address.slice(8))).toEqual([
      'silent.example.com/1',
      'good.example.com/1',
      'good.example.com/2',
      'silent.example.com/2',
      'silent.example.com/3',
    ])
  })
})
