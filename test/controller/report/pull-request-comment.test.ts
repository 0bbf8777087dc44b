import { type Node, Parser } from 'commonmark'
import { describe, expect, test } from 'vitest'
import { visible } from '../../../api/contract/visible-text.ts'
import { NO_NOTE } from '../../../controller/prompts/change-note.ts'
import {
  digestOf,
  isQuiet,
  MOST_CHARACTERS,
  markerOf,
  pullRequestComment,
} from '../../../controller/report/pull-request-comment.ts'
import type { PromptDifference, PullRequestPlan } from '../../../controller/report/pull-request-plan.ts'
import fc from '../../support/fast-check.ts'

function planOf(different: Partial<PullRequestPlan> = {}): PullRequestPlan {
  return {
    ...{ source: 'demo', pullRequest: 7, branch: 'main', base: 'b'.repeat(40), commit: 'c'.repeat(40) },
    ...{ differences: [], quarantined: [], refused: [], promotions: [], layout: null, massChange: null },
    ...different,
  }
}

const difference = (different: Partial<PromptDifference> = {}): PromptDifference => ({
  ...{ id: 'a', path: 'prompts/a.txt', change: 'changed', diff: '@@ -1 +1 @@\n-a\n+b\n', note: NO_NOTE },
  stableRelease: null,
  use: null,
  movedTo: null,
  ...different,
})

interface Read {
  /** What is text, a link or the like: everything that a host would make something of. */
  readonly outside: string
  readonly html: readonly string[]
  readonly blocks: readonly string[]
}

/** As a host reads it. */
function readMarkdown(body: string): Read {
  const outside: string[] = []
  const html: string[] = []
  const blocks: string[] = []
  const walker = new Parser().parse(body).walker()
  for (let event = walker.next(); event !== null; event = walker.next()) {
    if (!event.entering) continue
    const { node } = event
    if (node.type === 'code_block') blocks.push(node.literal ?? '')
    else if (node.type === 'html_block' || node.type === 'html_inline') html.push(node.literal ?? '')
    else if (node.type !== 'code') outside.push(wordsOf(node))
  }
  return { outside: outside.join('\n'), html, blocks }
}

function wordsOf({ type, literal, destination, title }: Node): string {
  return [type, literal, destination, title].filter((word) => word != null).join(' ')
}

/** Each piece would do harm where it is read as Markdown or HTML. */
const hostile = fc
  .array(
    fc.constantFrom(
      ...[
        'CANARY',
        '@CANARY',
        '[CANARY](https://e.example)',
        '![CANARY](x)',
        '#1',
        '<b>CANARY',
        '<!-- CANARY',
      ],
      ...[
        '-->',
        '</details>',
        '</code>',
        '<script>CANARY</script>',
        '&lt;',
        '`',
        '``',
        '```',
        '````diff',
        '~~~',
      ],
      ...[
        '\n',
        '\r',
        '\r\n',
        '\n\n',
        ' ',
        '    ',
        '\t',
        '- ',
        '> ',
        '# ',
        '\\',
        '|',
        '$',
        '\u202e',
        '𝕏',
        '\ud800',
      ],
    ),
    { maxLength: 40 },
  )
  .map((pieces) => pieces.join(''))
const hostileDiff = fc
  .array(
    fc.tuple(fc.constantFrom('+', '-', ' '), hostile).map(([sign, text]) => `${sign}${text}`),
    { maxLength: 30 },
  )
  .map((lines) => `@@ -1 +1 @@\n${lines.join('\n')}\n`)
const names = fc.array(hostile, { maxLength: 3 })
const hostilePlan = fc.record({
  source: fc.constantFrom('demo', 'a--b', '0.-_'),
  pullRequest: fc.integer({ min: 1 }),
  branch: hostile,
  base: fc.constant('b'.repeat(40)),
  commit: fc.constant('c'.repeat(40)),
  differences: fc.array(
    fc.record({
      id: hostile,
      path: hostile,
      change: fc.constantFrom('new' as const, 'changed' as const, 'removed' as const),
      diff: fc.option(hostileDiff),
      movedTo: fc.option(hostile),
      stableRelease: fc.option(fc.constant('1.0.0')),
      use: fc.option(
        fc.record({
          reads: fc.integer({ min: 1 }),
          applications: fc.array(hostile, { minLength: 1, maxLength: 8 }),
        }),
      ),
      note: fc.record({
        inputs: fc.array(
          fc.record({
            name: hostile,
            step: fc.constant('major' as const),
            what: fc.constant('is now required'),
          }),
          { maxLength: 3 },
        ),
        prefix: fc.option(fc.nat()),
        files: fc.option(fc.record({ added: names, changed: names, removed: names })),
      }),
    }),
    { maxLength: 8 },
  ),
  quarantined: fc.array(fc.record({ path: hostile, blob: fc.constant('d'), reason: hostile }), {
    maxLength: 5,
  }),
  refused: fc.array(fc.record({ id: hostile, reason: hostile }), { maxLength: 5 }),
  promotions: fc.array(hostile, { maxLength: 5 }),
  layout: fc.option(hostile),
  massChange: fc.option(hostile),
})

describe('the comment on a pull request', () => {
  test('escapes markup, mentions and links in untrusted text', () => {
    fc.assert(
      fc.property(hostilePlan, (plan) => {
        const { outside, html, blocks } = readMarkdown(pullRequestComment(plan, plan.source))
        expect(outside).not.toMatch(/CANARY|e\.example|image|block_quote|thematic_break/)
        for (const part of html)
          expect(part.replaceAll(/<code>[^<>]*<\/code>/g, '')).toMatch(
            /^(<!-- prompt-registry:[\w.-]+ [0-9a-f]{64} -->|<details><summary>(new|changed|removed): {1,2}\(\)(, moved to )?(; cached prefix changes at byte \d+)?(; ){0,2}<\/summary>|<\/details>)$/,
          )
        const lines = (text: string) => text.toWellFormed().replaceAll(/\r\n?/g, '\n').trimEnd()
        const diffs = plan.differences.flatMap(({ diff }) =>
          diff === null ? [] : [lines(visible(diff, { keepLines: true }))],
        )
        expect(blocks.map(lines)).toEqual(diffs)
      }),
      { numRuns: 300 },
    )
  })

  test('shows where a removed prompt moved', () => {
    const removed = { change: 'removed', movedTo: 'team/b' } as const
    const body = pullRequestComment(
      planOf({ differences: [difference(removed), difference({ ...removed, id: 'c', diff: null })] }),
      'demo',
    )
    expect(body).toContain(
      'removed: <code>a</code> (<code>prompts/a.txt</code>), moved to <code>team/b</code></summary>',
    )
    expect(body).toContain('- removed: `c` (`prompts/a.txt`), moved to `team/b`')
  })

  test('names who reads a prompt that changes', () => {
    const use = { reads: 12, applications: ['triage-agent', 'mailer'] }
    const body = pullRequestComment(planOf({ differences: [difference({ use, diff: null })] }), 'demo')
    expect(body).toContain('; `was read 12 times in the last 7 days, by triage-agent, mailer`')
    expect(pullRequestComment(planOf({ differences: [difference()] }), 'demo')).not.toContain('was read')
  })

  test('lists changed inputs, and where a cached prefix ends', () => {
    const inputs = [
      { name: 'tone', step: 'major' as const, what: 'was removed or renamed' },
      { name: 'who', step: 'minor' as const, what: 'is now optional' },
    ]
    const differences = [difference({ note: { inputs, prefix: 17, files: null } }), difference({ id: 'b' })]
    const comment = pullRequestComment(planOf({ differences }), 'demo')
    expect(comment).toContain(
      '**Changed inputs**: 1 prompt. Callers break, so release it as a major version.\n\n- `a`: `Inputs: "tone" was removed or renamed (major), "who" is now optional (minor).`',
    )
    const released = differences.map((one) => ({ ...one, stableRelease: '1.4.2' }))
    expect(pullRequestComment(planOf({ differences: released }), 'demo')).toContain(
      '- `a`: `Release as 2.0.0. Inputs: "tone" was removed',
    )
    expect(comment.match(/; cached prefix changes at byte 17/g)).toHaveLength(1)
    const patch = {
      inputs: [{ name: 'who', step: 'patch' as const, what: 'has another description' }],
      prefix: null,
      files: null,
    }
    expect(pullRequestComment(planOf({ differences: [difference({ note: patch })] }), 'demo')).not.toContain(
      'major',
    )
    expect(pullRequestComment(planOf({ differences: [difference()] }), 'demo')).not.toMatch(/inputs|prefix/i)
  })

  test('names the changed files of a prompt, also if its own file is the same', () => {
    const files = { added: ['references/a.md'], changed: ['config.json'], removed: [] }
    const text = '; `Files: +1 ~1 -0 (+references/a.md, ~config.json)`'
    const note = { ...NO_NOTE, files }
    const both = pullRequestComment(planOf({ differences: [difference({ note })] }), 'demo')
    expect(both).toContain(text.replaceAll('`', '<code>').replace(/<code>$/, '</code>'))
    const alone = pullRequestComment(planOf({ differences: [difference({ note, diff: '' })] }), 'demo')
    expect(alone).toContain(`- changed: \`a\` (\`prompts/a.txt\`)${text}`)
    expect(alone).not.toContain('left out here')
  })

  test('shows characters that are not seen by their code points, in names, reasons and diffs', () => {
    const [id, path, reason] = ['a\u200b', 'p\u202e.md', 'why\u{E0041}\u001b[2J']
    const [plan] = fc.sample(hostilePlan, { numRuns: 1, seed: 1 })
    if (plan === undefined) throw new Error('no plan')
    const comment = pullRequestComment(
      {
        ...plan,
        differences: [
          {
            id,
            path,
            change: 'new',
            diff: '@@ -0,0 +1 @@\n+one\u2066two\n',
            note: NO_NOTE,
            stableRelease: null,
            use: null,
            movedTo: null,
          },
        ],
        quarantined: [{ path, blob: 'd'.repeat(40), reason }],
        refused: [{ id, reason }],
      },
      plan.source,
    )
    for (const shown of ['a⟨U+200B⟩', 'p⟨U+202E⟩.md', 'why⟨U+E0041⟩⟨U+001B⟩[2J', '+one⟨U+2066⟩two'])
      expect(comment).toContain(shown)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: none of them may be there
    expect(comment).not.toMatch(/[\u001b\u200b\u202e\u2066\u{E0041}]/u)
  })

  test('keeps within the limit of the host, whatever there is to tell, and says what it leaves out', () => {
    const long = (most: number) => fc.integer({ min: 0, max: most }).map((length) => '`'.repeat(length))
    const many = fc.record({
      differences: fc.array(
        fc.record({
          id: long(300),
          path: long(5000),
          change: fc.constant('new' as const),
          diff: fc.option(fc.integer({ min: 0, max: 60_000 }).map((length) => `+${'x'.repeat(length)}\n`)),
          note: fc.record({
            inputs: fc.array(
              fc.record({ name: long(300), step: fc.constant('major' as const), what: long(300) }),
              { maxLength: 5 },
            ),
            prefix: fc.option(fc.nat()),
            files: fc.option(
              fc.record({ added: fc.array(long(5000)), changed: fc.constant([]), removed: fc.constant([]) }),
            ),
          }),
          stableRelease: fc.option(fc.constant('1.0.0')),
          use: fc.option(fc.constant({ reads: 3, applications: ['a'.repeat(64)] })),
          movedTo: fc.option(long(200)),
        }),
        { maxLength: 300, size: 'max' },
      ),
      quarantined: fc.array(fc.record({ path: long(5000), blob: fc.constant('d'), reason: long(5000) }), {
        maxLength: 300,
        size: 'max',
      }),
      refused: fc.array(fc.record({ id: long(300), reason: long(5000) }), { maxLength: 300, size: 'max' }),
      promotions: fc.array(long(300), { maxLength: 500, size: 'max' }),
      layout: fc.option(long(5000)),
      massChange: fc.option(long(5000)),
    })
    fc.assert(
      fc.property(many, (different) => {
        const body = pullRequestComment(planOf(different), 'demo')
        expect(body.length).toBeLessThanOrEqual(MOST_CHARACTERS)
        const { blocks, outside } = readMarkdown(body)
        const left = different.differences.length - blocks.length
        const said = /(\d+) diffs? (?:is|are) left out here/.exec(outside)?.[1] ?? '0'
        expect(Number(said)).toBe(left)
      }),
      { numRuns: 60 },
    )
  })

  test('omits the longest diffs first, and names the command that prints them', () => {
    const differences = [30_000, 100, 40_000, 20_000].map((length, index) =>
      difference({ id: `p${index}`, diff: `+${'x'.repeat(length)}\n` }),
    )
    const body = pullRequestComment(planOf({ differences }), 'demo')
    expect(readMarkdown(body).blocks.map(({ length }) => length)).toEqual([30_002, 102, 20_002])
    expect(body).toContain('- changed: `p2` (`prompts/a.txt`)')
    expect(body).toContain('1 diff is left out here; `promptctl plan --pull-request 7 demo` prints them.')
  })

  test('has its source and a digest of its text in the first line', () => {
    const body = pullRequestComment(planOf({ differences: [difference()] }), 'demo')
    expect(body.startsWith(markerOf('demo'))).toBe(true)
    expect(body.startsWith(markerOf('dem'))).toBe(false)
    expect(digestOf(body)).toMatch(/^[0-9a-f]{64}$/)
    expect(digestOf(pullRequestComment(planOf(), 'demo'))).not.toBe(digestOf(body))
    expect(digestOf(pullRequestComment(planOf({ differences: [difference()] }), 'demo'))).toBe(digestOf(body))
    expect(digestOf(`edited\n${body}`)).toBe('')
  })

  test('is quiet without changed prompts, broken files and layout changes', () => {
    expect(isQuiet(planOf({ promotions: ['a'] }))).toBe(true)
    expect(isQuiet(planOf({ differences: [difference()] }))).toBe(false)
    expect(isQuiet(planOf({ quarantined: [{ path: 'p', blob: 'd', reason: 'r' }] }))).toBe(false)
    expect(isQuiet(planOf({ refused: [{ id: 'a', reason: 'r' }] }))).toBe(false)
    expect(isQuiet(planOf({ layout: 'It changes.' }))).toBe(false)
  })
})
