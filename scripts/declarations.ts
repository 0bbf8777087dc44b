import { readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'

const IMPORT = /^import (?:type )?[^;'"]*from '([^']+)';\n/gm
const REEXPORT = /^export (?:type )?\{([^}]*)\} from '([^']+)';\n/gm
const DECLARED = /^(?:export )?(?:declare )?(?:abstract )?(?:class|interface|type|const|function) (\w+)/gm

/**
 * Bundles the declaration files of an entry and all its imports into one, with the exports of the entry.
 * Throws if it uses types of a package, or if two declarations have the same name.
 */
export function bundleDeclarations(entry: string): string {
  const exported: string[] = []
  const bodies: string[] = []
  const owners = new Map<string, string>()
  const done = new Set<string>()

  const add = (file: string, isEntry: boolean) => {
    if (done.has(file)) return
    done.add(file)
    const text = readFileSync(file, 'utf8')
    for (const [, specifier = ''] of text.matchAll(IMPORT)) add(target(file, specifier), false)
    for (const [, names = '', specifier = ''] of text.matchAll(REEXPORT)) {
      if (isEntry) exported.push(...names.split(',').map((name) => name.replace(/^\s*type /, '').trim()))
      add(target(file, specifier), false)
    }
    const body = text
      .replaceAll(IMPORT, '')
      .replaceAll(REEXPORT, '')
      .replaceAll(/^export (?=(declare |abstract |class |interface |type |const |function ))/gm, '')
      .replaceAll(/^export \{\};?\n/gm, '')
    for (const [, name = ''] of body.matchAll(DECLARED)) {
      const owner = owners.get(name)
      if (owner !== undefined && owner !== file) throw new Error(`${owner} and ${file} both declare ${name}.`)
      owners.set(name, file)
    }
    bodies.push(body.trim())
  }

  add(entry, true)
  const names = [...new Set(exported.filter((name) => name !== ''))].sort()
  const statements = reachable(names, bodies.flatMap(statementsOf))
  const values = names.filter((name) => statements.some((one) => valueNamed(name).test(one)))
  const types = names.filter((name) => !values.includes(name))
  return [...statements, `export { ${values.join(', ')} };`, `export type { ${types.join(', ')} };`, ''].join(
    '\n',
  )
}

const valueNamed = (name: string) => new RegExp(`^declare (?:class|const|function) ${name}\\b`, 'm')

/** Each declaration with its comment. */
function statementsOf(body: string): string[] {
  const parts = body.split(/\n(?=\/\*\*|declare |abstract |class |interface |type |const |function )/)
  const statements: string[] = []
  let comment = ''
  for (const part of parts) {
    if (part.startsWith('/**') && part.trimEnd().endsWith('*/')) comment = `${part}\n`
    else {
      statements.push(comment + part)
      comment = ''
    }
  }
  return statements
}

/** The statements that declare these names, and the statements they depend on. */
function reachable(names: readonly string[], statements: readonly string[]): readonly string[] {
  const wanted = new Set(names)
  const kept = new Set<string>()
  for (let before = -1; before !== kept.size; ) {
    before = kept.size
    for (const statement of statements) {
      const code = statement.replaceAll(/\/\*[\s\S]*?\*\/|'[^'\n]*'/g, '')
      if (kept.has(statement) || ![...code.matchAll(DECLARED)].some(([, name = '']) => wanted.has(name)))
        continue
      kept.add(statement)
      for (const [word] of code.matchAll(/[A-Za-z_]\w*/g)) wanted.add(word)
    }
  }
  return statements.filter((statement) => kept.has(statement))
}

function target(file: string, specifier: string): string {
  if (!specifier.startsWith('.')) throw new Error(`${file} has types of the package ${specifier}.`)
  return join(dirname(file), specifier.replace(/\.[jt]s$/, '.d.ts'))
}
