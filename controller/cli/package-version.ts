import { existsSync, readFileSync } from 'node:fs'

/** The version in the nearest package.json: of the checkout, or of the installed package. */
export function packageVersion(): string {
  for (let folder = new URL('./', import.meta.url); ; folder = new URL('../', folder)) {
    const file = new URL('package.json', folder)
    if (existsSync(file)) return String(JSON.parse(readFileSync(file, 'utf8')).version)
    if (folder.pathname === '/') return 'unknown'
  }
}
