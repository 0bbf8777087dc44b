import { describe, expect, it } from 'vitest'
import type { Notice } from '../../../api/contract/reading/index.ts'
import { refine } from '../../../controller/prompts/layout.ts'
import {
  directoryFindings,
  layoutFindings,
  noticedFile,
  problemSentence,
  quarantinedFile,
} from '../../../controller/prompts/prompt-findings.ts'
import { createTreeReader } from '../../../controller/prompts/read-tree.ts'
import type { TreeEntry } from '../../../controller/source/git-source.ts'
import { sourceConfig } from '../../support/controller.ts'

const SOURCE = sourceConfig({ name: 'demo', repository: '/repository' })
const BLOB = 'b'.repeat(40)

type Listed = string | readonly [path: string, mode: TreeEntry['mode']]

/** The findings about the directories of a branch with these files. */
function about(directories: readonly string[], ...paths: Listed[]) {
  const entries = paths.map((listed): TreeEntry => {
    const [path, mode] = typeof listed === 'string' ? [listed, '100644' as const] : listed
    return { path, mode, oid: BLOB }
  })
  const tree = createTreeReader({ ...SOURCE, directories: [...directories] })(entries)
  return directoryFindings(tree, 'main')
}

describe('a branch without a prompt', () => {
  it.each<[what: string, directories: string[], files: Listed[], message: string, ignored: number]>([
    [
      'has none of the directories',
      ['promts'],
      ['prompts/a.txt'],
      'There is no directory "promts" on the branch "main". Correct directories.',
      0,
    ],
    [
      'has a submodule there',
      ['prompts'],
      [['prompts', '160000']],
      '"prompts" is a submodule, which is not read. Make its repository a source of its own.',
      0,
    ],
    [
      'has a link there',
      ['prompts'],
      [['prompts', '120000'], 'real/a.txt'],
      '"prompts" is a symbolic link, which is not followed. Name the directory that it points to in directories.',
      0,
    ],
    ['has a file there', ['prompts'], ['prompts'], '"prompts" is a file. Correct directories.', 0],
    [
      'has a submodule on the way',
      ['vendor/prompts'],
      [['vendor', '160000']],
      'There is no directory "vendor/prompts", because "vendor" is a submodule, which is not read. Make its repository a source of its own.',
      0,
    ],
    [
      'has one file there that is left out',
      ['prompts'],
      ['prompts/a.py'],
      '"prompts" has no prompt: include and exclude leave out the 1 file below it. Correct include or exclude.',
      1,
    ],
    [
      'has files there that are left out',
      ['prompts'],
      ['prompts/a.py', 'prompts/README.md', 'other/b.py'],
      '"prompts" has no prompt: include and exclude leave out all 2 files below it. Correct include or exclude.',
      2,
    ],
    [
      'has files at the root that are left out',
      ['.'],
      ['a.py', 'b/c.py'],
      'The root has no prompt: include and exclude leave out all 2 files below it. Correct include or exclude.',
      2,
    ],
    ['has no file at all', ['.'], [], 'The root has no file. Commit a prompt.', 0],
  ])('is a problem of the source with its reason: it %s', (_what, directories, files, message, ignored) => {
    expect(about(directories, ...files)).toEqual([
      {
        code: 'nothing_found',
        subject: { kind: 'repository', name: '' },
        message: `The branch "main" has no prompt. ${message}`,
        details: { ignored },
      },
    ])
  })

  it('is one problem for all directories, and counts an ignored file once', () => {
    const [found, ...others] = about(['prompts', 'prompts/team', 'old'], 'prompts/team/a.py')
    expect(others).toEqual([])
    expect(found).toMatchObject({ code: 'nothing_found', details: { ignored: 1 } })
    expect(found?.message).toMatch(
      /"prompts\/team" has no prompt: .* "prompts" has no prompt: .* directory "old"/,
    )
  })
})

describe('a directory without a prompt, next to one with prompts', () => {
  it('is a separate notice', () => {
    expect(about(['prompts', 'old', 'link'], 'prompts/a.txt', ['link', '120000'])).toEqual([
      {
        code: 'directory_empty',
        subject: { kind: 'directory', name: 'link' },
        message:
          '"link" is a symbolic link, which is not followed. Name the directory that it points to in directories.',
      },
      {
        code: 'directory_empty',
        subject: { kind: 'directory', name: 'old' },
        message: 'There is no directory "old" on the branch "main". Correct directories.',
      },
    ])
  })

  it('is not reported if its prompts are in another directory of the layout', () => {
    expect(about(['prompts', 'prompts/team'], 'prompts/team/a.txt')).toEqual([])
  })
})

describe('a branch with prompts', () => {
  it('has no finding about its directories, even if no file can become a version', () => {
    expect(about(['prompts'], 'prompts/a.txt')).toEqual([])
    expect(about(['prompts'], 'prompts/a:b.txt', ['prompts/c.txt', '120000'])).toEqual([])
  })
})

describe('a file', () => {
  const notice = (code: Notice['code'], line: number, message: string): Notice => ({ code, line, message })

  it('that is quarantined is reported with its blob', () => {
    expect(quarantinedFile({ path: 'a.txt', blob: BLOB, reason: 'It is a link.' })).toEqual({
      code: 'quarantined',
      subject: { kind: 'file', name: 'a.txt' },
      message: 'It is a link.',
      details: { blob: BLOB },
    })
  })

  it('has a problem with the line, if there is one', () => {
    expect(problemSentence({ line: 3, message: 'It is wrong.' })).toBe('Line 3: It is wrong.')
    expect(problemSentence({ message: 'It is empty.' })).toBe('It is empty.')
  })

  it('has one finding per kind, with the first notice and all lines', () => {
    const notices = [
      notice('key_repaired', 2, 'The key "a" was read as text.'),
      notice('front_matter_not_read', 4, 'The front matter was not read.'),
      notice('value_changed', 5, 'The value is text.'),
      notice('duplicate_key', 7, 'The key is there twice.'),
    ]
    expect(noticedFile('a.txt', BLOB, notices)).toEqual([
      {
        code: 'front_matter_not_read',
        subject: { kind: 'file', name: 'a.txt' },
        message: 'Line 4: The front matter was not read.',
        details: { blob: BLOB, lines: [4] },
      },
      {
        code: 'front_matter_repaired',
        subject: { kind: 'file', name: 'a.txt' },
        message: 'Line 2: The key "a" was read as text. (and 2 more)',
        details: { blob: BLOB, lines: [2, 5, 7] },
      },
    ])
  })

  it('has no finding without a notice', () => {
    expect(noticedFile('a.txt', BLOB, [])).toEqual([])
  })
})

describe('the layout of a branch', () => {
  const tree = createTreeReader(SOURCE)([{ path: 'prompts/a.txt', mode: '100644', oid: BLOB }])

  it('is a problem if it is invalid', () => {
    expect(layoutFindings(refine(SOURCE, {}, null, 'It is wrong.'), tree)).toEqual([
      {
        code: 'layout_invalid',
        subject: { kind: 'file', name: '.promptctl.yaml' },
        message: 'It is wrong.',
      },
    ])
  })

  it('has a notice for each unknown name', () => {
    const layout = refine(SOURCE, { prompts: { a: {}, b: {}, 'prompts/c.txt': {} } }, null)
    expect(layoutFindings(layout, tree)).toEqual([
      {
        code: 'unknown_name',
        subject: { kind: 'prompt', name: 'b' },
        message:
          '.promptctl.yaml names "b", but the branch has no prompt with this id or path. Correct or remove it.',
      },
      expect.objectContaining({ subject: { kind: 'prompt', name: 'prompts/c.txt' } }),
    ])
  })

  it('has no finding if it is valid', () => {
    expect(layoutFindings(refine(SOURCE, { prompts: { a: {} } }, null), tree)).toEqual([])
  })
})
