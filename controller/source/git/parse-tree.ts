import { knownMode, type TreeItem } from '../tree-walk.ts'

/** A tree object's bytes; `undefined` if they are malformed. */
export function parseTree(bytes: Buffer, oidBytes: number): TreeItem[] | undefined {
  const items: TreeItem[] = []
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at)
    const nul = bytes.indexOf(0, at)
    const next = nul + 1 + oidBytes
    if (space < at || nul < space || next > bytes.length) return undefined
    items.push({
      mode: knownMode(Number.parseInt(bytes.toString('latin1', at, space), 8)),
      name: bytes.toString('utf8', space + 1, nul),
      oid: bytes.toString('hex', nul + 1, next),
    })
    at = next
  }
  return items
}

/** Parses an entry of `git ls-tree -z`: `<mode> <type> <oid>\t<name>`. */
export function parseTreeLine(line: string): TreeItem {
  const tab = line.indexOf('\t')
  const [mode = '', , oid = ''] = line.slice(0, tab).split(' ')
  return { mode: knownMode(Number.parseInt(mode, 8)), name: line.slice(tab + 1), oid }
}
