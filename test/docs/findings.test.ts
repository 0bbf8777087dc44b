import { readFile } from 'node:fs/promises'
import { expect, test } from 'vitest'
import { classOf, FINDING_CODES, type FindingCode, reasonOf } from '../../controller/findings/finding.ts'
import { verdictOf } from '../../controller/findings/verdict.ts'

const CODES = Object.keys(FINDING_CODES) as FindingCode[]

/** By code, the cells of the table of findings in docs/sources.md. */
async function tableOfFindings(): Promise<readonly (readonly string[])[]> {
  const page = await readFile('docs/sources.md', 'utf8')
  const rows = page.matchAll(/^\| `(\w+)` \| (problem|hold|notice) \| (?:`(\w+)`)? *\| (.+) \| (.+) \|$/gm)
  return [...rows].map(([, ...cells]) => cells.map((cell = '') => cell))
}

test('docs/sources.md has every code of a finding, in the order of the code, with its kind and its reason', async () => {
  const documented = (await tableOfFindings()).map(([code, kind, reason]) => [code, kind, reason])
  expect(documented).toEqual(CODES.map((code) => [code, classOf(code), reasonOf(code)]))
})

test('every finding has a meaning and a next move', async () => {
  for (const [code, , , meaning, move] of await tableOfFindings()) {
    expect(meaning, code).toMatch(/^[A-Z`].*\.$/)
    expect(move, code).toMatch(/^[A-Z`].*[.`]$/)
  }
})

test.each(CODES)(
  '%s has the exit code, the level and the reason that docs/sources.md gives its kind',
  (code) => {
    const { class: kind, reason, exitCode, level } = verdictOf({ [code]: 1 })
    const expected = {
      problem: { kind: 'problem', reason: reasonOf(code), exitCode: 1, level: 'warn' },
      hold: { kind: 'hold', reason: reasonOf(code), exitCode: 0, level: 'info' },
      notice: { kind: 'ready', reason: 'Synced', exitCode: 0, level: 'info' },
    }[classOf(code)]
    expect({ kind, reason, exitCode, level }).toEqual(expected)
  },
)
