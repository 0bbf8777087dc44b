import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'

export interface Asset {
  readonly type: string
  readonly bytes: Uint8Array<ArrayBuffer>
}

const TYPES = {
  'console.css': 'text/css; charset=utf-8',
  'console.js': 'text/javascript; charset=utf-8',
  'icon.svg': 'image/svg+xml',
} as const

/** The files that pages load, and a suffix of their URLs that changes with their content. */
export function readAssets(): { readonly files: ReadonlyMap<string, Asset>; readonly version: string } {
  const files = new Map<string, Asset>()
  const hash = createHash('sha256')
  for (const [name, type] of Object.entries(TYPES)) {
    const bytes = new Uint8Array(readFileSync(new URL(`assets/${name}`, import.meta.url)))
    hash.update(bytes)
    files.set(name, { type, bytes })
  }
  return { files, version: hash.digest('hex').slice(0, 12) }
}
