import { describe, expect, test } from 'vitest'
import { detectLayout } from '../../../../controller/cli/init/detect-layout.ts'
import { detectReleases } from '../../../../controller/cli/init/detect-releases.ts'

describe('the layout of a repository', () => {
  test.for([
    ['a folder named prompts', ['README.md', 'prompts/a.md', 'prompts/x/b.md'], ['prompts'], ['**/*.md']],
    [
      'such folders in packages',
      ['a/prompts/x.txt', 'b/prompts/y.prompt'],
      ['a/prompts', 'b/prompts'],
      ['**/*.prompt', '**/*.txt'],
    ],
    ['a folder within another', ['prompts/prompts/a.md', 'prompts/b.md'], ['prompts'], ['**/*.md']],
    ['another name', ['system_prompts/a.txt', 'src/main.ts'], ['system_prompts'], ['**/*.txt']],
    [
      'folders without such a name',
      ['mail/a.txt', 'chat/b.txt', 'docs/c.md'],
      ['chat', 'mail'],
      ['**/*.txt'],
    ],
    ['files at the root', ['a.txt', 'mail/b.txt', 'LICENSE.txt'], ['.'], ['**/*.txt']],
  ] as const)('%s', ([, paths, directories, include]) => {
    expect(detectLayout(paths)).toMatchObject({ directories, include })
  })

  test('files about the repository are excluded, and counted as no prompt', () => {
    const layout = detectLayout(['prompts/README.md', 'prompts/CHANGELOG.md', 'prompts/a.md'])
    expect(layout?.exclude).toEqual(['**/README.md', '**/CHANGELOG.md'])
    expect(layout?.formats).toEqual([['.md', 1]])
  })

  test('a repository of code has none', () => {
    expect(detectLayout(['src/main.ts', 'README.md', 'docs/guide.md'])).toBeNull()
  })
})

describe('the patterns of release tags', () => {
  const DEFAULTS = ['v{version}', '{id}@{version}', '{id}/v{version}']

  test.for([
    ['no tags', [], DEFAULTS, 0],
    ['the usual ones', ['v1.0.0', 'v1.1.0', 'a@2.0.0'], DEFAULTS, 3],
    ['without a v', ['1.0.0', '1.1.0'], ['{version}'], 2],
    ['some without a v', ['v1.0.0', '1.1.0'], ['v{version}', '{version}'], 2],
    ['with a word', ['release-1.0.0', 'release-1.1.0'], ['release-{version}'], 2],
    ['of single prompts', ['mail/triage-v1.0.0', 'refund-v2.0.0'], ['{id}-v{version}'], 2],
    ['that are no releases', ['nightly', 'v1.0.0', 'latest'], DEFAULTS, 1],
  ] as const)('%s', ([, tags, patterns, matched]) => {
    expect(detectReleases(tags, DEFAULTS)).toMatchObject({ patterns, matched, total: tags.length })
  })
})
