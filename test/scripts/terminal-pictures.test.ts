import { execFile, execFileSync } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { describe, expect, test } from 'vitest'
import { terminalSvg } from '../../scripts/terminal-svg.ts'
import { scratchFolder } from '../support/scratch.ts'

const hasPython = canRun('python3', ['-c', 'import pty'])
if (!hasPython && process.env.REQUIRE_ALL === '1') throw new Error('Python 3 with pty is needed.')

describe('a picture of a terminal', () => {
  const drawn = (output: string) => terminalSvg({ title: 'a title', columns: 80, output })

  test('has a line for each line, and shows text as it is', () => {
    const svg = drawn('a  <b> & c\r\n\r\nd\n')
    const lines = [...svg.matchAll(/<text x="16" y="[\d.]+">(.*)<\/text>/g)].map(([, text]) => text)
    expect(lines).toEqual(['a\u00a0\u00a0&lt;b&gt;\u00a0&amp;\u00a0c', '', 'd'])
    expect(svg).toContain('<title>a title</title>')
  })

  test('keeps the colours, and leaves out other sequences', () => {
    const svg = drawn('\u001b[31mbad\u001b[0m, \u001b[1;32mgood\u001b[0m\u001b[K')
    expect(svg).toContain(
      '<tspan fill="#ff7b72">bad</tspan>,\u00a0<tspan font-weight="bold" fill="#7ee787">good</tspan></text>',
    )
  })
})

test.skipIf(!hasPython)('the pictures in the README show what the product prints', async () => {
  const folder = await scratchFolder()
  await promisify(execFile)(process.execPath, [
    '--disable-warning=ExperimentalWarning',
    'scripts/terminal-pictures.ts',
    folder,
  ])
  const names = await readdir(folder)
  const readme = await readFile('README.md', 'utf8')
  expect(names.length).toBeGreaterThan(1)
  for (const name of names) {
    expect(readme).toContain(`(docs/images/${name})`)
    const [kept, drawn] = await Promise.all([
      readFile(join('docs/images', name), 'utf8'),
      readFile(join(folder, name), 'utf8'),
    ])
    expect(withoutTimes(drawn), `npm run pictures draws ${name} anew`).toBe(withoutTimes(kept))
  }
})

function withoutTimes(svg: string): string {
  return svg.replaceAll(/\d{4}-\d\d-\d\d\s\d\d:\d\d:\d\d/g, 'TIME')
}

function canRun(program: string, args: readonly string[]): boolean {
  try {
    execFileSync(program, args, { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}
