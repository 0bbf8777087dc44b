import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { CALL_OPTION_NAMES, OPTION_NAMES } from '../../client/options.ts'

const page = readFileSync('docs/client.md', 'utf8')

test('docs/client.md names every option of the client and of a call', () => {
  const missing = [...OPTION_NAMES, ...CALL_OPTION_NAMES].filter((name) => !page.includes(`\`${name}\``))
  expect(missing).toEqual([])
})

test('docs/client.md names every variable that the client reads', () => {
  const read = readFileSync('client/settings.ts', 'utf8').matchAll(/'((?:PROMPT_REGISTRY|EXECUTION)_\w+)'/g)
  const names = [...new Set([...read].map(([, name = '']) => name))]
  expect(names.length).toBeGreaterThan(8)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})

test('docs/client.md names every event', () => {
  const source = readFileSync('client/events.ts', 'utf8')
  const documented = source.slice(0, source.indexOf('*/')).matchAll(/`([a-z_]+)`/g)
  const names = [...documented].map(([, name = '']) => name).filter((name) => name !== 'code')
  expect(names.length).toBeGreaterThan(8)
  for (const name of names) expect(source).toContain(`'${name}'`)
  expect(names.filter((name) => !page.includes(`\`${name}\``))).toEqual([])
})
