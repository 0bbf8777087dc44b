import { posix } from 'node:path'

/** Files that wire: they alone may name an adapter, and the world (clock, chance, environment) begins in them. */
const ENTRIES = [
  'api/server.ts',
  'api/lambda.ts',
  'api/config.ts',
  'controller/lambda.ts',
  'controller/webhook-lambda.ts',
  'controller/config.ts',
]
const ENTRY_FOLDERS = ['controller/cli/']
/** What several entries wire in the same way; the world comes in by the entry. */
const WIRING = 'controller/wiring/'
/** In each of their folders lies one adapter. Adapters of one technology may share what speaks to it. */
const ADAPTERS = ['api/store/', 'controller/source/', 'controller/report/']

/** By part, what it may import of ours; a part is the longest of these that a path begins with. */
const ARROWS: Readonly<Record<string, readonly string[]>> = {
  'api/contract/': ['api/contract/'],
  'api/': ['api/', 'api/contract/'],
  'client/': ['client/', 'api/contract/'],
  'controller/': ['controller/', 'client/', 'api/contract/'],
}

/** The paths of files with their sources, as a repository has them. */
export type Sources = ReadonlyMap<string, string>

export function isEntry(path: string): boolean {
  return ENTRIES.includes(path) || ENTRY_FOLDERS.some((folder) => path.startsWith(folder))
}

/** What a source imports or exports from elsewhere, as written. */
export function importsOf(source: string): string[] {
  const code = source.replaceAll(/\/\*.*?\*\//gs, '').replaceAll(/^\s*\/\/.*$/gm, '')
  const statements =
    /(?:^|[\n;])\s*(?:import|export)\b[^'"`;]*?\bfrom\s*['"]([^'"]+)['"]|(?:^|[\n;])\s*import\s*['"]([^'"]+)['"]|\bimport\s*\(\s*['"]([^'"]+)['"]/g
  return [...code.matchAll(statements)].map(([, from, bare, dynamic]) => from ?? bare ?? dynamic ?? '')
}

/** Every import against an arrow, as a sentence; empty where there is none. */
export function arrowOffences(sources: Sources): string[] {
  return [...sources].flatMap(([path, source]) =>
    importsOf(source)
      .filter((specifier) => specifier.startsWith('.'))
      .map((specifier) => posix.join(posix.dirname(path), specifier))
      .flatMap((target) => offencesOf(path, target)),
  )
}

function offencesOf(path: string, target: string): string[] {
  const offences: string[] = []
  const [from, to] = [partOf(path), partOf(target)]
  const wires = from === 'controller/' && isEntry(path) && to === 'api/'
  if (from !== undefined && !wires && !(to !== undefined && ARROWS[from]?.includes(to)))
    offences.push(`${path} imports ${target}, and ${from} may not import ${to ?? 'what lies outside'}`)
  const adapter = adapterOf(target)
  if (adapter !== undefined && !isSameTechnology(adapter, path) && !isEntry(path) && !path.startsWith(WIRING))
    offences.push(`${path} imports ${target}, and only entries may name the adapter ${adapter}`)
  return offences
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

/** Where a file that is no entry takes the world for itself, as `path: word`. */
export function ambientUses(sources: Sources): string[] {
  return [...sources]
    .filter(([path]) => !isEntry(path))
    .flatMap(([path, source]) => [...source.matchAll(AMBIENT)].map(([word]) => `${path}: ${word}`))
}
