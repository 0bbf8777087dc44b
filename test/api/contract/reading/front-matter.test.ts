import { describe, expect, it } from 'vitest'
import { type FrontMatter, isFileProblem, readFrontMatter } from '../../../../api/contract/reading/index.ts'

const read = (yaml: string) => readFrontMatter(`---\n${yaml}\n---\n`, 'front-matter')

function values(yaml: string): FrontMatter {
  const result = read(yaml)
  if (isFileProblem(result)) throw new Error(JSON.stringify(result))
  return result
}

describe('the fields of front matter', () => {
  it('are description, tags, variables and, with every other key, the config', () => {
    expect(
      read('description: d\ntags: [a, b]\nvariables: {name: {required: true}}\nmodel: m\ntemperature: 0.5'),
    ).toEqual({
      description: 'd',
      tags: ['a', 'b'],
      variables: { name: { required: true } },
      config: { model: 'm', temperature: 0.5 },
      repairedKeys: [],
      notices: [],
    })
  })

  it.each(['', '\n', '# a comment', '  ', '{}', 'tags: []', 'description:\ntags:\nvariables: ~'])(
    'are none in %j',
    (yaml) => {
      expect(read(yaml)).toEqual({
        description: null,
        tags: [],
        variables: null,
        config: null,
        repairedKeys: [],
        notices: [],
      })
    },
  )

  it('are none without front matter', () => {
    expect(readFrontMatter('', 'text')).toMatchObject({ description: null, tags: [], config: null })
  })

  it.each([
    ['CRLF', '---\r\na: b\r\nc: d: e\r\n---\r\n'],
    ['a byte order mark', '\uFEFF---\na: b\nc: d: e\n---\n'],
    ['spaces after the dashes', '--- \na: b\nc: d: e\n---\t'],
  ])('are read with %s', (_what, matter) => {
    expect(readFrontMatter(matter, 'front-matter')).toMatchObject({
      config: { a: 'b', c: 'd: e' },
      repairedKeys: ['c'],
    })
  })

  it('keep what YAML 1.2 has as text', () => {
    expect(values('since: 2026-01-31\nversion: 1.2.3\nagree: yes\nat: 10:30\n1: one\n~: two').config).toEqual(
      {
        since: '2026-01-31',
        version: '1.2.3',
        agree: 'yes',
        at: '10:30',
        1: 'one',
        '~': 'two',
      },
    )
  })
})

describe('a top-level value that is not YAML', () => {
  it.each([
    ['Use this: always'],
    ['Triggers on: \'audit\', "check"'],
    ['**/*.ts, src/**'],
    ['*.md,docs/**/*.mdx'],
    ['*'],
    ['*.md'],
    ['"Foo" and bar'],
    ["'a' or 'b, c"],
    ['"unclosed'],
    ['[WIP] fix it'],
    ['[a](b) and [c]'],
    ['{{ template }}'],
    ['{name}, hello'],
    ['@cf/meta/llama'],
    ['`code`'],
    ['%done'],
    ['- not a list'],
    ['> 5 items'],
    ['| piped'],
    ['? why'],
    [', then'],
    ['& more'],
    ['a: b: c'],
    ['!local!thing here'],
    ['ends with a colon: and C#: too'],
    ['C:\\dir: \\x "q"'],
  ])('is read as the text %s', (value) => {
    const text = `name: n\nkey: ${value}  \nlast: 1`
    expect(read(text)).toEqual({
      description: null,
      tags: [],
      variables: null,
      config: { name: 'n', key: value, last: 1 },
      repairedKeys: ['key'],
      notices: [
        { code: 'key_repaired', key: 'key', line: 3, message: expect.stringMatching(/text\. .*[Qq]uot/) },
      ],
    })
  })

  it('is read as text in every line that has one, between values that go on', () => {
    const text =
      'description: >\n  long\n  text\n\na: b: c\n# comment\nlist:\n- x\n- y\n"quoted key": d: e\nf:\n  g: 1\nh: *x'
    expect(values(text)).toMatchObject({
      description: 'long text\n',
      config: { a: 'b: c', list: ['x', 'y'], 'quoted key': 'd: e', f: { g: 1 }, h: '*x' },
      repairedKeys: ['a', 'quoted key', 'h'],
    })
  })

  it('is read as text in a mapping that is indented as a whole', () => {
    expect(values('  a: b\n  c: d: e').config).toEqual({ a: 'b', c: 'd: e' })
  })

  it('is read as text in many lines, which YAML would nest', () => {
    const keys = Array.from({ length: 100 }, (_, index) => `k${index}`)
    expect(values(keys.map((key) => `${key}: a: b`).join('\n'))).toMatchObject({ repairedKeys: keys })
  })

  it('that names no anchor is read as text in lists and mappings too', () => {
    expect(values('globs:\n  - **/*.ts\n  - src/**\nmap: {a: *b}')).toMatchObject({
      config: { globs: ['**/*.ts', 'src/**'], map: { a: '*b' } },
      repairedKeys: ['globs', 'map'],
    })
  })

  it('that names an anchor is the value of the anchor', () => {
    expect(values('a: &x {b: 1}\nc: *x\nd: &x 2\ne: *x\nf: *x y')).toMatchObject({
      config: { a: { b: 1 }, c: { b: 1 }, d: 2, e: 2, f: '*x y' },
      repairedKeys: ['f'],
    })
  })

  it.each([
    ['goes on below', 'a: b: c\n  d', 2],
    ['goes on below as a list', 'a: "b" c\n- d', 2],
    ['is quoted as a whole', 'x: 1\na: "\\q"', 3],
    ['begins and ends with quotes', 'a: "b" c "d"', 2],
    ['has a bracket that is not closed', 'a: [b: c: d', 2],
    ['has a brace that is not opened', 'x: 1\na: b}: c: d', 3],
    ['has brackets in the wrong order', 'a: ]b: c[', 2],
    ['has what may be a comment', 'a: b: c # d', 2],
    ['stands below another key', 'a:\n  b: c: d', 3],
  ])('is a problem if it %s', (_what, yaml, line) => {
    expect(read(yaml)).toMatchObject({ code: 'front_matter_not_yaml', line })
  })
})

describe('a value that JSON or its field cannot hold as it is', () => {
  it.each([
    ['tags: a, b,, c ', { tags: ['a', 'b', 'c'] }],
    ['tags: word', { tags: ['word'] }],
    ['tags: two words', { tags: ['two words'] }],
    ['tags: 2024', { tags: ['2024'] }],
    ['tags: [2024, v2, 1.10, 0x1F, true]', { tags: ['2024', 'v2', '1.10', '0x1F', 'true'] }],
    ['tags:\n- 012\n- .nan', { tags: ['012', '.nan'] }],
    ['tags: !!set {a, b}', { tags: ['a', 'b'] }],
    ['tags: {a, b}', { tags: ['a', 'b'] }],
    ['description: [a, list]', { description: 'a\nlist' }],
    ['description:\n- 1.0\n- b', { description: '1.0\nb' }],
    ['description: 1.10', { description: '1.10' }],
    ['description: false', { description: 'false' }],
    ['model: !env MODEL', { config: { model: 'MODEL' } }],
    ['model: !env 3', { config: { model: '3' } }],
    ['model: !Custom {a: 1}', { config: { model: { a: 1 } } }],
    ['model: !list [a]', { config: { model: ['a'] } }],
    ['model: !!int abc', { config: { model: 'abc' } }],
    ['a: !!set\n  ? x\n  ? 2', { config: { a: ['x', '2'] } }],
    ['a: !!omap [b: 1, 10: 2]', { config: { a: { b: 1, 10: 2 } } }],
    ['a: !!binary aGk=', { config: { a: 'aGk=' } }],
    ['a: !!timestamp 2026-01-31', { config: { a: '2026-01-31' } }],
    ['a: 12345678901234567890', { config: { a: '12345678901234567890' } }],
    ['a: 0xFFFFFFFFFFFFFFFF', { config: { a: '0xFFFFFFFFFFFFFFFF' } }],
    ['a: [.nan, -.inf, 1e999]', { config: { a: ['.nan', '-.inf', '1e999'] } }],
    ['a: {<<: {b: 1, c: 1}, c: 2}', { config: { a: { b: 1, c: 2 } } }],
  ])('%s is read with a notice', (yaml, expected) => {
    const result = values(yaml)
    expect(result).toMatchObject(expected)
    expect(result.repairedKeys).toEqual([])
    const key = yaml.slice(0, yaml.indexOf(':'))
    expect(result.notices).toContainEqual({
      code: 'value_changed',
      key,
      line: expect.any(Number),
      message: expect.stringMatching(/\.$/),
    })
  })

  it.each([
    ['a: !!str 3', { a: '3' }],
    ['a: !!int "3"', { a: 3 }],
    ['a: ! b', { a: 'b' }],
    ['a: !!map {b: 1}', { a: { b: 1 } }],
    ['a: 9007199254740991', { a: 9007199254740991 }],
    ['a: 1e30', { a: 1e30 }],
    ['a: [-9007199254740992, +10000000000000000]', { a: [-(2 ** 53), 1e16] }],
    ['a: 1234567890123456789.5', { a: Number('1234567890123456789.5') }],
    ['a: -0', { a: 0 }],
    ['"<<": {b: 1}', { '<<': { b: 1 } }],
    ['<<: text', { '<<': 'text' }],
  ])('%s is read as it is', (yaml, config) => {
    expect(values(yaml)).toMatchObject({ config, notices: [] })
  })

  it('merges a list of mappings: earlier ones win, and its own keys win over all', () => {
    const yaml =
      'a: &a {x: 1, y: 1}\nb: &b {x: 2, z: 2}\nc:\n  <<: [*a, *b]\n  y: 3\n<<: {d: 4, a: 5}\ndescription: d'
    expect(values(yaml)).toMatchObject({
      description: 'd',
      config: { a: { x: 1, y: 1 }, c: { x: 1, y: 3, z: 2 }, d: 4 },
    })
  })

  it('takes a merged description, tags and variables as its own', () => {
    expect(values('<<: {description: d, tags: a, variables: [v]}')).toMatchObject({
      description: 'd',
      tags: ['a'],
      variables: ['v'],
      config: null,
    })
  })

  it('takes the newest anchor of a name, also within the value of an older one', () => {
    expect(values('a: &x [&x 1, *x]\nb: *x').config).toEqual({ a: [1, 1], b: 1 })
  })
})

describe('a duplicate key', () => {
  it('has the last value, with a notice', () => {
    expect(read('description: a\nk: {b: 1, b: 2}\ndescription: c')).toMatchObject({
      description: 'c',
      config: { k: { b: 2 } },
      notices: [
        { code: 'duplicate_key', line: 3, key: 'k', message: expect.stringContaining('"b"') },
        {
          code: 'duplicate_key',
          line: 4,
          key: 'description',
          message: expect.stringContaining('"description"'),
        },
      ],
    })
  })

  it('is found however it is spelt', () => {
    expect(values('1: a\n\'1\': b\n"1": c').config).toEqual({ 1: 'c' })
  })
})

describe('notices', () => {
  it('are one for each code and key, in the order of the lines', () => {
    const { notices } = values('b: [!x 1, !y 2]\na: .nan\nglobs: *.md')
    expect(notices.map(({ code, key, line }) => [code, key, line])).toEqual([
      ['value_changed', 'b', 2],
      ['value_changed', 'a', 3],
      ['key_repaired', 'globs', 4],
    ])
  })

  it('are twenty at most, and the last one counts those left out', () => {
    const { notices } = values(Array.from({ length: 30 }, (_, index) => `k${index}: .nan`).join('\n'))
    expect(notices).toHaveLength(20)
    expect(notices.at(-1)).toEqual({ code: 'more_notices', message: expect.stringContaining('11 more') })
    expect(
      values(Array.from({ length: 20 }, (_, index) => `k${index}: .nan`).join('\n')).notices.at(-1)?.key,
    ).toBe('k19')
  })
})

describe('a sentence', () => {
  it.each([
    `a: *${'x'.repeat(9000)}`,
    `a: &${'x'.repeat(9000)} [*${'x'.repeat(9000)}]`,
    `a: !${'x'.repeat(9000)} b`,
    `description: ${'1'.repeat(1000)}`,
    `seed: ${'1'.repeat(300)}`,
    `"${'x'.repeat(1000)}": 1\n"${'x'.repeat(1000)}": 2`,
    `a: > ${'x'.repeat(9000)}\n  b`,
    `a: ${'x'.repeat(16_500)}`,
  ])('about %j is short, even if names in the file are long', (yaml) => {
    const result = read(yaml)
    const reports = 'code' in result ? [result] : result.notices
    expect(reports.length).toBeGreaterThan(0)
    for (const { message } of reports) expect(message.length).toBeLessThan(200)
  })
})

describe('front matter that is refused', () => {
  it.each([
    [
      'a line without a colon',
      'name: broken\nstray line without a colon',
      3,
      'neither a key nor part of one',
    ],
    ['a line without a colon at its end', 'a: 1\nb: 2\nstray', 4, 'neither a key'],
    ['an open bracket', 'a: [\n  b', 2, 'bracket'],
    ['an open brace', '{"a": [}', 2, 'bracket'],
    ['a quote that is closed in no line', 'a: 1\nb: "c\n  d', 3, 'quote'],
    ['a tab as indentation', 'a:\n\tb: c', 3, 'Use spaces'],
    ['crooked indentation', 'a:\n  b: c\n d: e', 4, 'indentation'],
    ['an escape that YAML does not know', 'a: "\\d+"', 2, 'escape'],
    ['text after a quote', "a: 'don't'", 2, 'pair of quotes'],
    ['a key that is a list', '? [a, b]\n: c', 2, 'key'],
    ['a second document', 'a: 1\n--- b: 2', 3, 'second YAML document'],
    ['a list', '- a', 2, 'not a mapping'],
    ['an alias within its own value', 'a: &a [*a]', 2, 'own value'],
    ['a key that objects use up', 'x: 1\na: {__proto__: {b: 1}}', 3, '__proto__'],
    ['a lone surrogate', 'a: "\\ud800"', 2, 'surrogate'],
    ['a lone surrogate in a key', '"\\udc00": a', 2, 'surrogate'],
    ['an escaped NUL', 'a: ["\\0"]', 2, 'NUL'],
    ['a description that is a mapping', 'a: 1\ndescription: {b: c}', 3, 'description'],
    ['a description of lists', 'description: [[a]]', 2, 'description'],
    ['an empty tag', 'a: 1\ntags: ["x", ""]', 3, 'tag is empty'],
    ['a tag of nothing', 'tags:\n-\n- b', 2, 'tag is empty'],
    ['a tag that is a mapping', 'tags: [{a: b}]', 2, 'tag'],
    ['tags with values', 'tags: {a: b}', 2, 'tags'],
  ])('for %s has a line number and a message', (_what, yaml, line, words) => {
    expect(read(yaml)).toEqual({
      code: expect.stringMatching(/^front_matter_(not_yaml|value)$/),
      line,
      message: expect.stringContaining(words),
    })
    expect(readFrontMatter(`\uFEFF\n\n---\n${yaml}\n---\n`, 'front-matter')).toMatchObject({ line: line + 2 })
    expect(
      readFrontMatter(`# c\r\n\r\n---\r\n${yaml.replaceAll('\n', '\r\n')}\r\n---\r\n`, 'dotprompt'),
    ).toMatchObject({ line: line + 2 })
  })

  it.each(['x', '---\na: b\n', 'a: b\n---\n', '---\na: b\n---\nmore', '# c\n---\na: b\n---\n'])(
    'because %j does not start and end with dashes',
    (text) => {
      expect(readFrontMatter(text, 'front-matter')).toMatchObject({ code: 'front_matter_not_yaml', line: 1 })
    },
  )
})
