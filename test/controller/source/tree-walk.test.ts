import { describe, expect, it } from 'vitest'
import type { TreeScope } from '../../../controller/source/git-source.ts'
import { type TreeItem, walkTree } from '../../../controller/source/tree-walk.ts'

const scope = (maxFiles: number): TreeScope => ({ directories: [''], files: [], maxFiles })

const walk = (items: readonly TreeItem[], maxFiles: number) =>
  walkTree('root', scope(maxFiles), async () => items, { ahead: 0 })

/** Files with names of so many characters, which differ at their ends. */
const files = (count: number, length: number): TreeItem[] =>
  Array.from({ length: count }, (_, index) => ({
    name: String(index).padStart(length, 'x'),
    mode: '100644',
    oid: '1',
  }))

describe('the paths of a tree', () => {
  it('may have 256 characters on average, if there are as many files as there may be', async () => {
    expect(await walk(files(8000, 256), 8000)).toHaveLength(8000)
    await expect(walk(files(8000, 257), 8000)).rejects.toMatchObject({
      code: 'too_large',
      message: expect.stringContaining('too long together'),
    })
  })

  it('may have 4,096 characters each, if they are few', async () => {
    expect(await walk(files(200, 4096), 20_000)).toHaveLength(200)
    await expect(walk(files(1, 4097), 20_000)).rejects.toMatchObject({ code: 'too_large' })
  })
})
