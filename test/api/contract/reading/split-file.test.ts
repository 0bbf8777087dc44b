import { describe, expect, it } from 'vitest'
import { splitFile } from '../../../../api/contract/reading/index.ts'

const split = (text: string, path = 'a.md') => splitFile(text, { path })

describe('the format of a file', () => {
  it.each([
    ['a.md', 'text', 'front-matter'],
    ['a.txt', 'text', 'front-matter'],
    ['a.mdc', 'text', 'front-matter'],
    ['a', 'text', 'front-matter'],
    ['a.prompt.md', 'text', 'front-matter'],
    ['.prompt', 'text', 'front-matter'],
    ['folder.prompt/a', 'text', 'front-matter'],
    ['a.prompt', 'dotprompt', 'dotprompt'],
    ['folder/_a.PROMPT', 'dotprompt', 'dotprompt'],
    ['a.prompty', 'prompty', 'prompty'],
  ])('%s is %s without front matter and %s with it', (path, without, withIt) => {
    expect(split('x', path).format).toBe(without)
    expect(split('---\na: b\n---\nx', path).format).toBe(withIt)
  })

  it('depends on the content if there is no path', () => {
    for (const options of [{}, { path: null }]) {
      expect(splitFile('x', options).format).toBe('text')
      expect(splitFile('---\na: b\n---\nx', options).format).toBe('front-matter')
    }
  })

  it('is the given one, whatever the path', () => {
    const text = '# c\n---\na: b\n---\nx'
    expect(splitFile(text, { path: 'a.md', format: 'dotprompt' })).toMatchObject({
      format: 'dotprompt',
      content: 'x',
    })
    expect(splitFile('x', { path: 'a.prompt', format: 'front-matter' })).toMatchObject({
      format: 'front-matter',
      frontMatter: '',
    })
    for (const format of ['text', 'document'] as const)
      expect(splitFile('---\na: b\n---\nx', { path: 'a.prompt', format })).toEqual({
        format,
        frontMatter: '',
        content: '---\na: b\n---\nx',
        notices: [],
      })
  })

  it('is read without front matter if the layout says so', () => {
    const text = '---\na: b\n---\nx'
    expect(splitFile(text, { path: 'a.md', frontMatter: false })).toEqual({
      format: 'text',
      frontMatter: '',
      content: text,
      notices: [],
    })
    expect(splitFile(text, { path: 'a.prompt', frontMatter: false })).toMatchObject({
      format: 'dotprompt',
      content: text,
    })
  })
})

describe('front matter', () => {
  it.each([
    ['LF', '---\na: b\n---\n'],
    ['CRLF', '---\r\na: b\r\n---\r\n'],
    ['spaces and tabs after the dashes', '--- \t\na: b\n---\t \n'],
    ['a byte order mark', '\uFEFF---\na: b\n---\n'],
    ['blank lines before it', '\n \t\n\r\n---\na: b\n---\n'],
    ['a byte order mark and blank lines', '\uFEFF\n---\na: b\n---\n'],
    ['nothing in it', '---\n---\n'],
    ['a blank line in it', '---\n\n---\n'],
    ['comments in it', '---\n# note\na: b # note\n---\n'],
    ['blank lines and an indented mapping', '---\n\n  a: b\n---\n'],
    ['a flow mapping', '---\n{"a": [1],\n "b": {}}\n---\n'],
    ['an empty flow mapping', '---\n{ }\n---\n'],
    ['a flow mapping with an escaped quote', '---\n{"a\\"b": 1}\n---\n'],
    ['a quoted key', '---\n"Long key, of prose. Yes": b\n---\n'],
    ['an explicit key', '---\n? a\n: b\n---\n'],
    ['a tag and an anchor', '---\n!!map &x\na: b\n---\n'],
    ['a merge key', '---\n<<: {a: b}\n---\n'],
    ['a key of three words', '---\nLast updated on: 2026\n---\n'],
    ['a key in another script', '---\nописание: да\n---\n'],
    ['a block scalar that holds an indented rule', '---\na: |\n  x\n  ---\n  y\n---\n'],
    ['a line separator that is no line end', '---\na: "x\u2028---\u2028y"\n---\n'],
    ['a value that is not YAML', '---\nglobs: *.md\n---\n'],
  ])('with %s ends with its line, and what follows is content', (_what, matter) => {
    for (const content of ['x', '\nx', '\r\n x \r\n', '---\na: b\n---\n', '\u2028x', '\uFEFFx', ''])
      expect(split(matter + content)).toEqual({
        format: 'front-matter',
        frontMatter: matter,
        content,
        notices: [],
      })
  })

  it('may be the whole file', () => {
    expect(split('---\na: b\n---')).toMatchObject({ frontMatter: '---\na: b\n---', content: '' })
  })

  it.each([
    ['comments', '# Copyright\n#\n\n---\na: b\n---\n'],
    ['a byte order mark and comments', '\uFEFF# c\r\n---\r\na: b\r\n---\r\n'],
    ['comments, and comments alone in it', '# c\n---\n# none\n---\n'],
  ])('of dotprompt may have %s before it', (_what, matter) => {
    expect(split(`${matter}x`, 'a.prompt')).toEqual({
      format: 'dotprompt',
      frontMatter: matter,
      content: 'x',
      notices: [],
    })
    expect(split(`${matter}x`, 'a.md')).toMatchObject({ frontMatter: '' })
  })

  it('is found if it is too large to be read, so that the model does not get it', () => {
    const matter = `---\n${'k: v\n'.repeat(10_000)}---\n`
    expect(split(`${matter}x`)).toMatchObject({ frontMatter: matter, content: 'x' })
  })
})

describe('content alone', () => {
  it.each([
    ['plain text', 'You are helpful.\n'],
    ['white space', ' \n'],
    ['nothing', ''],
    ['a byte order mark', '\uFEFFtext'],
    ['a rule', '---'],
    ['a rule and text', '---\nYou are helpful.\n'],
    ['a sentence between rules', '---\nJust a sentence.\n---\nmore'],
    ['prose with a colon between rules', '---\nYou are helpful. Rules: be kind.\n---\nmore'],
    ['a sentence that ends in a colon', '---\nYou follow these rules:\n- be kind\n---\nmore'],
    ['rules set off by blank lines', '---\n\nNote: be kind.\n\n---\n\nGo on.'],
    ['a link between rules', '---\nhttps://example.com\n---\nmore'],
    ['a list between rules', '---\n- a\n- b\n---\nmore'],
    ['a template between rules', '---\n{{#if a: b}}\n{{/if}}\n---\nmore'],
    ['a template statement between rules', '---\n{% if a: b %}\n---\nmore'],
    ['a placeholder between rules', '---\n{name}, hello\n---\nmore'],
    ['rules between prose', 'Be kind.\n\n---\n\nNote: b\n\n---\nmore'],
    ['a heading underlined by dashes', 'Title\n---\nkey: value\n'],
    ['sections with rules between them', '# A\n---\nSome text.\n---\nkey: value\n---\n'],
    ['a heading between rules', '---\n# IDENTITY\n---\nmore'],
    ['an example of front matter in a code block', 'Write it so:\n\n```\n---\nname: x\n---\n```\n'],
    ['a table', '| a | b |\n|---|---|\n'],
  ])('that is %s has no notice', (_what, text) => {
    expect(split(text)).toEqual({ format: 'text', frontMatter: '', content: text, notices: [] })
  })
})

describe('front matter that is not read', () => {
  it.each([
    ['has no closing line', '---\nname: x\n\nYou are a bot.\n', 1, 'no closing'],
    ['is closed by dots', '---\na: b\n...\nx', 3, 'exactly'],
    ['is closed by dashes with more after them', '---\na: b\n--- end\nx', 3, 'exactly'],
    ['is closed by four dashes', '---\na: b\n----\nx', 3, 'exactly'],
    ['is closed by an indented line', '---\na: b\n ---\nx', 3, 'exactly'],
    ['has a language after the dashes', '---yaml\na: b\n---\nx', 1, 'exactly'],
    ['has a comment after the dashes', '--- # meta\na: b\n---\nx', 1, 'exactly'],
    ['is indented', '  ---\na: b\n---\nx', 1, 'exactly'],
    ['has four dashes', '----\na: b\n----\nx', 1, 'exactly'],
    ['has two dashes', '--\na: b\n--\nx', 1, 'exactly'],
    ['has a dash that an editor made', '\u2014\na: b\n\u2014\nx', 1, 'exactly'],
    ['has an invisible character before it', '\u200B---\na: b\n---\nx', 1, 'exactly'],
    ['has two byte order marks', '\uFEFF\uFEFF---\na: b\n---\nx', 1, 'exactly'],
    ['has a no-break space after the dashes', '---\u00A0\na: b\n---\nx', 1, 'exactly'],
    ['is TOML', '+++\na = "b"\n+++\nx', 1, 'TOML'],
    ['is JSON between semicolons', ';;;\n"a": "b"\n;;;\nx', 1, 'JSON'],
    ['has lines that end with CR', '---\ra: b\r---\rx', 1, 'CR only'],
    ['comes after a sentence', 'Hello.\n\n---\nname: x\ntools:\n- a\n---\nx', 3, 'Move'],
    ['comes after a heading', '# T\n---\na: b\n---\nx', 2, 'Move'],
    ['comes after a comment of HTML', '<!-- c -->\n---\na: b\n---\nx', 2, 'Move'],
    ['is in a code block from the first line on', '```yaml\n---\na: b\n---\n```\nx', 2, 'Move'],
    ['has no space after a colon', '---\ndescription:Use it\n---\nx', 2, 'no space'],
    ['has equals signs', '---\nname = "x"\n---\nx', 2, '`key: value`'],
    ['begins with other text', '---\nMy prompt\ndescription: x\n---\nx', 3, 'before'],
    ['is comments alone', '---\n# Note\n# name: x\n---\nx', 3, 'comments'],
  ])('because it %s is content, with a notice', (_what, text, line, words) => {
    const { frontMatter, content, notices } = split(text)
    expect({ frontMatter, content }).toEqual({ frontMatter: '', content: text })
    expect(notices).toEqual([
      { code: 'front_matter_not_read', line, message: expect.stringContaining(words) },
    ])
    expect(notices[0]?.message).toMatch(/^The |^Text |^Other /)
  })

  it('is searched only at the first rule, in the first 30 lines', () => {
    expect(split('text\n---\nprose\n---\na: b\n---\n').notices).toEqual([])
    const noticesBelow = (lines: number) => split(`${'text\n'.repeat(lines)}---\na: b\n---\n`).notices
    expect(noticesBelow(29)).toHaveLength(1)
    expect(noticesBelow(30)).toEqual([])
  })
})
