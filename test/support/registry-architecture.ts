import { posix } from 'node:path'

/** Files that wire: only they may name an adapter, and only they access clock, randomness and environment. */
const ENTRIES = [
  'api/server.ts',
  'api/lambda.ts',
  'api/config.ts',
  'controller/lambda.ts',
  'controller/webhook-lambda.ts',
  'controller/configuration/config.ts',
]
const ENTRY_FOLDERS = ['controller/cli/']
/** Wiring that several entries share. They pass in clock, randomness and environment. */
const WIRING = 'controller/wiring/'
/** Each folder in these is one adapter. Adapters of one technology may share its client. */
const ADAPTERS = ['api/store/', 'controller/source/', 'controller/report/']

/** The allowed imports of ours for each part. A part is the longest of these prefixes of a path. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'api/contract/': ['api/contract/'],
  'api/': ['api/', 'api/contract/'],
  'client/': ['client/', 'api/contract/'],
  'console/': ['console/', 'api/contract/'],
  'controller/': ['controller/', 'client/', 'api/contract/'],
}

/**
 * The folders of the controller from the bottom up: each may import those before it. Entry points next to the
 * folders may import all.
 */
export const CONTROLLER_FOLDERS = [
  'values',
  'source',
  'findings',
  'verification',
  'prompts',
  'releases',
  'evidence',
  'plan',
  'configuration',
  'state',
  'pass',
  'lint',
  'report',
  'notify',
  'watch',
  'wiring',
  'lambda',
  'mcp',
  'cli',
]

/** The files of a repository, by path. */
export type Sources = ReadonlyMap<string, string>

export function isEntry(path: string): boolean {
  return ENTRIES.includes(path) || ENTRY_FOLDERS.some((folder) => path.startsWith(folder))
}

/** The import and export specifiers of a source, as written. */
export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const statements =
    /(?:^|[\n;])\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/g
  return [...code.matchAll(statements)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
}

/** Every forbidden import, as a sentence; empty if there are none. */
export function arrowOffences(sources: Sources): string[] {
  return importsBetween(sources).flatMap(([path, target]) => offencesOf(path, target))
}

function offencesOf(path: string, target: string): string[] {
  const offences: string[] = []
  const [from, to] = [partOf(path), partOf(target)]
  const wires = from === 'controller/' && isEntry(path) && (to === 'api/' || to === 'console/')
  if (from !== undefined && !wires && !(to !== undefined && ARROWS[from]?.includes(to)))
    offences.push(`${path} imports ${target}, but ${from} may not import ${to ?? 'files outside'}`)
  const adapter = adapterOf(target)
  if (adapter !== undefined && !isSameTechnology(adapter, path) && !isEntry(path) && !path.startsWith(WIRING))
    offences.push(`${path} imports ${target}, and only entries may name the adapter ${adapter}`)
  return offences
}

/** Every upward import between folders of the controller, as a sentence. */
export function folderOffences(sources: Sources): string[] {
  return importsBetween(sources).flatMap(([path, target]) => {
    const [from, to] = [folderOf(path), folderOf(target)]
    if (from === undefined || to === undefined) return []
    const isUpward = CONTROLLER_FOLDERS.indexOf(to) > CONTROLLER_FOLDERS.indexOf(from)
    return isUpward ? [`${path} imports ${target}, and ${to}/ lies above ${from}/`] : []
  })
}

/** Every group of files that import each other in a cycle. */
export function importCircles(sources: Sources): string[][] {
  const reached = new Map<string, Set<string>>()
  for (const [path, target] of importsBetween(sources))
    reached.set(path, (reached.get(path) ?? new Set()).add(target))
  const from = (start: string): Set<string> => {
    const seen = new Set<string>()
    const open = [...(reached.get(start) ?? [])]
    for (let path = open.pop(); path !== undefined; path = open.pop()) {
      if (seen.has(path)) continue
      seen.add(path)
      open.push(...(reached.get(path) ?? []))
    }
    return seen
  }
  const all = new Map([...sources.keys()].map((path) => [path, from(path)]))
  const circles = [...all].filter(([path, targets]) => targets.has(path))
  const groups = circles.map(([path, targets]) =>
    [...targets].filter((target) => all.get(target)?.has(path)).sort(),
  )
  return [...new Map(groups.map((group) => [group.join(), group])).values()]
}

/** Every type name that several files define, with these files. */
export function typesDefinedTwice(sources: Sources): string[] {
  const definitions = new Map<string, string[]>()
  for (const [path, source] of sources) {
    for (const [, name = ''] of source.matchAll(
      /^(?:export )?(?:abstract )?(?:interface|type|class|enum) (\w+)/gm,
    ))
      definitions.set(name, [...(definitions.get(name) ?? []), path])
  }
  return [...definitions]
    .filter(([, paths]) => paths.length > 1)
    .map(([name, paths]) => `${name}: ${paths.join(', ')}`)
}

function importsBetween(sources: Sources): [path: string, target: string][] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(source)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier): [string, string] => [path, posix.join(posix.dirname(path), specifier)]),
  )
}

function folderOf(path: string): string | undefined {
  const [, folder] = /^controller\/([^/]+)\/./.exec(path) ?? []
  return folder
}

function isSameTechnology(adapter: string, path: string): boolean {
  const own = adapterOf(path)
  return own !== undefined && posix.basename(own) === posix.basename(adapter)
}

function partOf(path: string): string | undefined {
  return Object.keys(ARROWS)
    .filter((part) => path.startsWith(part))
    .sort((a, b) => b.length - a.length)[0]
}

function adapterOf(path: string): string | undefined {
  const folder = ADAPTERS.find((port) => path.startsWith(port) && path.slice(port.length).includes('/'))
  return folder === undefined ? undefined : `${folder}${path.slice(folder.length).split('/')[0]}/`
}

const AMBIENT =
  /\bprocess\.env\b|\bDate\.now\b|\bnew Date\(\)|\bMath\.random\b|\bperformance\.now\b|\bglobalThis\.fetch\b/g

/** The places at which a file that is not an entry accesses the outside, as `path: word`. */
export function ambientUses(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => !isEntry(path))
    .flatMap(([path, source]) => [...source.matchAll(AMBIENT)].map(([word]) => `${path}: ${word}`))
}
