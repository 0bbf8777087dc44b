import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'

const file = (path: string) => readFileSync(new URL(`../../client/${path}`, import.meta.url), 'utf8')

/** What `client/index.ts` exports, with the file that it comes from; types of the registry's contract left out. */
function exported(): [name: string, path: string][] {
  const statements = file('index.ts').matchAll(/export (?:type )?\{([^}]*)\} from '\.\/([^']+)'/g)
  return [...statements].flatMap(([, names = '', path = '']) =>
    names
      .split(',')
      .map((name) => name.trim().replace(/^type /, ''))
      .filter((name) => name !== '' && !name.endsWith('Code') && name !== 'TierName')
      .map((name): [string, string] => [name, path]),
  )
}

/** The doc comment right before a declaration. */
function docOf(source: string, declaration: RegExp): string {
  const at = source.search(declaration)
  const before = source.slice(0, at).trimEnd()
  return at === -1 || !before.endsWith('*/') ? '' : before.slice(before.lastIndexOf('/**'))
}

test.each(exported())('%s has an example in its doc comment', (name, path) => {
  const declaration = new RegExp(`^export (?:class|function|interface|type) ${name}\\b`, 'm')
  expect(docOf(file(path), declaration)).toContain('@example')
})

test('each public method of the client has an example', () => {
  const source = file('client.ts')
  const names = [...source.matchAll(/^ {2}(?:async )?([a-z]\w*)\(/gm)].map(([, name]) => name)
  const methods = names.filter((name) => name !== 'constructor')
  expect(methods.length).toBeGreaterThan(8)
  const missing = methods.filter(
    (name) => !docOf(source, new RegExp(`^ {2}(?:async )?${name}\\(`, 'm')).includes('@example'),
  )
  expect(missing).toEqual([])
})
