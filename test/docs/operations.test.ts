import { globSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'

const CODE = '{api,client,controller,scripts}/**/*.ts'
const HEADING = '# Environment variables\n'

/** `env.NAME`, and names in quotes in files that have to do with an environment. */
const READ = /\benv\.([A-Z][A-Z0-9_]*)\b|'([A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+)'/g

/** By variable, the files that read it. */
async function variablesInCode(): Promise<ReadonlyMap<string, string>> {
  const found = new Map<string, string>()
  for (const file of globSync(CODE)) {
    const text = await readFile(file, 'utf8')
    if (!/\benv\b/.test(text)) continue
    for (const [, property, quoted] of text.matchAll(READ)) found.set(property ?? quoted ?? '', file)
  }
  return found
}

/** The variables of the first columns of the tables. */
async function variablesInTables(): Promise<ReadonlySet<string>> {
  const operations = await readFile('docs/operations.md', 'utf8')
  const rows = operations.slice(operations.indexOf(HEADING)).matchAll(/^\| (`[^|]*`) \|/gm)
  const names = [...rows].flatMap(([, column = '']) => [...column.matchAll(/`(\w+)`/g)])
  return new Set(names.map(([, name = '']) => name))
}

describe('the tables of environment variables in docs/operations.md', () => {
  test('name every variable that the code reads', async () => {
    const told = await variablesInTables()
    const untold = [...(await variablesInCode())].filter(([name]) => !told.has(name))
    expect(untold).toEqual([])
  })

  test('name no variable that nothing reads', async () => {
    const read = await variablesInCode()
    expect(read.size).toBeGreaterThan(30)
    expect([...(await variablesInTables())].filter((name) => !read.has(name))).toEqual([])
  })
})
