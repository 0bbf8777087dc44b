import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import {
  ConfigError,
  defaultConfig,
  parseConfig,
  readConfig,
} from '../../../controller/configuration/config.ts'
import { DEFAULT_INCLUDE } from '../../../controller/prompts/layout-fields.ts'
import { scratchFolder } from '../../support/scratch.ts'

const SOURCE = 'sources:\n  - name: demo\n    repository: /r\n'

function flawOf(text: string): string {
  try {
    parseConfig(text, 'promptctl.yaml')
  } catch (error) {
    if (error instanceof ConfigError) return error.message
    throw error
  }
  return 'no flaw'
}

describe('a configuration', () => {
  it('has defaults for all but the name and the repository of a source', () => {
    expect(parseConfig(SOURCE, 'f')).toEqual({
      registry: {
        store: 'sqlite',
        file: '.promptctl/registry.db',
        tokens: [],
        deprecatedPins: 'serve',
        inputs: 'report',
      },
      cache: '.promptctl/cache',
      notify: [],
      require: [],
      sources: [
        {
          name: 'demo',
          repository: '/r',
          directories: ['prompts'],
          include: [...DEFAULT_INCLUDE],
          exclude: ['**/README.md'],
          allowUnsafeText: [],
          repositoryLayout: true,
          idPrefix: '',
          schedule: '1m',
          releases: ['v{version}', '{id}@{version}', '{id}/v{version}'],
          prereleases: false,
          releaseBranches: [],
          requireReachable: true,
          require: [],
          backfill: 20,
          prune: false,
          drift: 'report',
          maxFiles: 20_000,
          suspended: false,
          freeze: [],
          massChange: { share: 0.5, least: 10 },
        },
      ],
    })
  })

  it.each([
    '',
    '# nothing yet\n',
    '{}',
    'sources: []',
    'sources:\n',
    'registry:\nsources:\n  # - name: demo\n',
  ])('may have no sources: %j', (text) => {
    expect(parseConfig(text, 'f').sources).toEqual([])
  })

  it('keeps a short GitHub name such as owner/name, and resolves it as a path for git', async () => {
    const folder = await scratchFolder()
    await mkdir(folder, { recursive: true })
    const file = join(folder, 'promptctl.yaml')
    const sources = [
      '{ name: a, type: github, repository: acme/prompts }',
      '{ name: b, repository: acme/prompts }',
    ]
    await writeFile(file, `sources:\n${sources.map((one) => `  - ${one}\n`).join('')}`)
    const { sources: read } = await readConfig(file)
    expect(read.map(({ repository }) => repository)).toEqual(['acme/prompts', join(folder, 'acme/prompts')])
  })

  it("may name a registry's function", () => {
    expect(parseConfig('registry: { function: acme-dev-prompt-registry }', 'f').registry).toEqual({
      function: 'acme-dev-prompt-registry',
    })
  })

  it('may name a registry elsewhere', () => {
    const { registry } = parseConfig('registry: { url: "https://r.example.com", tokenEnv: TOKEN }', 'f')
    expect(registry).toEqual({ url: 'https://r.example.com', tokenEnv: 'TOKEN' })
  })

  const source = (line: string) => `${SOURCE}    ${line}\n`
  it.each([
    ['broken YAML', 'sources: [', 'not valid YAML'],
    ['a key twice', 'cache: a\ncache: b', 'not valid YAML'],
    [
      'aliases that multiply',
      `a: &a [${'x,'.repeat(50)}]\nb: &b [${'*a,'.repeat(50)}]\nc: [${'*b,'.repeat(50)}]`,
      'line 3, column 26: Aliases add more than',
    ],
    ['a list for a document', '- a', 'the document'],
    ['a text for a document', 'hello', 'the document'],
    ['an unknown key', 'sorces: []', '"sorces"'],
    ['an unknown key of a source', source('idprefix: x'), '"idprefix"'],
    ['a source without a name', 'sources: [{ repository: /r }]', 'sources[0].name'],
    ['a bad name', 'sources: [{ name: "a b", repository: /r }]', 'sources[0].name: must be 1 to 64 letters'],
    ['a source without a repository', 'sources: [{ name: a }]', 'sources[0].repository'],
    ['an empty repository', 'sources: [{ name: a, repository: "" }]', 'sources[0].repository'],
    [
      'two sources of one name',
      'sources: [{name: a, repository: x}, {name: a, repository: y}]',
      'two sources are named "a"',
    ],
    ['a bad schedule', source('schedule: soon'), 'sources[0].schedule: "soon" is neither'],
    [
      'a bad pattern',
      source('releases: ["v{version}", "{id}"]'),
      'sources[0].releases[1]: "{id}" must have {version}',
    ],
    ['no pattern', source('releases: []'), 'sources[0].releases'],
    ['no directory', source('directories: []'), 'sources[0].directories'],
    ['an absolute directory', source('directories: [prompts, /srv]'), 'sources[0].directories[1]: "/srv"'],
    ['a directory outside', source('directories: ["../prompts"]'), 'sources[0].directories[0]: "../prompts"'],
    ['a directory outside by a detour', source('directories: ["a/../../b"]'), 'sources[0].directories[0]'],
    ['a bad prefix', source('idPrefix: "my: team/"'), 'sources[0].idPrefix: "my: team/"'],
    ['a prefix with an empty segment', source('idPrefix: "/a/"'), 'sources[0].idPrefix'],
    ['a negative backfill', source('backfill: -1'), 'sources[0].backfill'],
    ['half a backfill', source('backfill: 1.5'), 'sources[0].backfill'],
    ['an unknown type', source('type: svn'), 'sources[0].type'],
    ['an interface without a scheme', source('apiUrl: ghe.example.com'), 'sources[0].apiUrl'],
    ['an App without a key', source('credentials: { appId: 1 }'), 'sources[0].credentials'],
    ['a share of nothing', source('massChange: { share: 0 }'), 'sources[0].massChange.share'],
    ['more than all', source('massChange: { share: 1.1 }'), 'sources[0].massChange.share'],
    ['a mass of none', source('massChange: { least: 0 }'), 'sources[0].massChange.least'],
    [
      'a freeze that never begins',
      source('freeze: [{ cron: "0 0 30 2 *", duration: 1h }]'),
      'sources[0].freeze[0]: "0 0 30 2 *" is not a cron expression',
    ],
    [
      'a freeze in no time zone',
      source('freeze: [{ cron: "0 0 * * *", timeZone: Mars, duration: 1h }]'),
      'sources[0].freeze[0]: "Mars" is not a time zone',
    ],
    [
      'an endless freeze',
      source('freeze: [{ cron: "0 0 * * *", duration: 99d }]'),
      'sources[0].freeze[0].duration: "99d" is not a duration',
    ],
    [
      'a password instead of its variable',
      source('credentials: { passwordEnv: "s3cret!" }'),
      'sources[0].credentials.passwordEnv: must be the name',
    ],
    ['a registry of no kind', 'registry: { url: nonsense }', 'registry.url'],
    ['a store that there is not', 'registry: { store: oracle }', 'registry.store'],
    ['an unknown key of the registry', 'registry: { fil: x }', 'registry'],
    ['an unknown mode', 'registry: { allowedModes: [prod] }', 'registry.allowedModes[0]'],
    [
      'an unknown access',
      'registry: { tokens: [{ name: a, access: root, env: T }] }',
      'registry.tokens[0].access',
    ],
    [
      'a prefix that ends in the middle of a name',
      'registry: { tokens: [{ name: a, access: write, env: T, prefixes: [team] }] }',
      'registry.tokens[0].prefixes[0]',
    ],
  ])('with %s is refused with the place', (_what, text, place) => {
    const flaw = flawOf(text)
    expect(flaw).toContain(place)
    expect(flaw).toContain('promptctl.yaml')
    expect(flaw).not.toContain('\n')
  })

  it('never repeats a password that was written instead of its variable', () => {
    expect(flawOf(source('credentials: { passwordEnv: "s3cret!" }'))).not.toContain('s3cret')
  })

  it('reports all errors at once', () => {
    const flaw = flawOf('sources: [{ name: a, backfill: -1 }]')
    expect(flaw).toContain('sources[0].repository')
    expect(flaw).toContain('sources[0].backfill')
  })

  it.each(['', 'support/', 'a/b/', 'team-', 'a'])('may have the prefix "%s"', (idPrefix) => {
    expect(flawOf(source(`idPrefix: "${idPrefix}"`))).toBe('no flaw')
  })

  it.each(['.', './', 'a', 'a/b/', './a', 'a/../b'])('may have the directory "%s"', (directory) => {
    expect(flawOf(source(`directories: ["${directory}"]`))).toBe('no flaw')
  })
})

describe('a configuration file', () => {
  it('resolves relative paths against its own folder', async () => {
    const folder = await scratchFolder()
    await mkdir(join(folder, 'sub'))
    const file = join(folder, 'sub', 'promptctl.yaml')
    const repositories = ['../r', '/abs', 'https://h/r', 'git@h:r', 'h:r', 'file:///r', './a:b']
    await writeFile(
      file,
      `registry: { file: db/r.db }\ncache: ../cache\nsources: ${JSON.stringify(
        repositories.map((repository, index) => ({ name: `s${index}`, repository })),
      )}`,
    )
    const config = await readConfig(file)
    expect(config.registry).toMatchObject({ file: join(folder, 'sub/db/r.db') })
    expect(config.cache).toBe(join(folder, 'cache'))
    expect(config.sources.map(({ repository }) => repository)).toEqual([
      join(folder, 'r'),
      '/abs',
      'https://h/r',
      'git@h:r',
      'h:r',
      'file:///r',
      join(folder, 'sub/a:b'),
    ])
  })

  it('that cannot be read is reported with its name', async () => {
    const folder = await scratchFolder()
    await expect(readConfig(join(folder, 'none.yaml'))).rejects.toThrow(/none\.yaml/)
    await expect(readConfig(folder)).rejects.toBeInstanceOf(ConfigError)
  })

  it('is optional: a folder without one has an embedded registry', async () => {
    const folder = await scratchFolder()
    expect(defaultConfig(folder)).toMatchObject({
      registry: { file: join(folder, '.promptctl/registry.db') },
      cache: join(folder, '.promptctl/cache'),
      sources: [],
    })
  })
})

describe('required evidence', () => {
  const key = '{ evidence: eval, from: [{ app: 1 }] }'
  const own = '{ evidence: safety, from: [{ app: 2 }] }'
  const sources = `sources: [{ name: a, repository: ./a }, { name: b, repository: ./b, require: [${own}] }]`

  it('of the platform is that of every source, before its own', () => {
    const config = parseConfig(`require: [${key}]\n${sources}`, 'f')
    const names = config.sources.map(({ require }) => require.map(({ evidence }) => evidence))
    expect(names).toEqual([['eval'], ['eval', 'safety']])
  })

  it('with a key that is none is an error with the reason', () => {
    const broken = `require: [{ evidence: eval, from: [ssh-ed25519] }]\n${sources}`
    expect(() => parseConfig(broken, 'f')).toThrow(/require/)
  })
})
