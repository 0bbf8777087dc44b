/** Cuts text to `mostBytes` bytes as JSON, and removes characters that the registry refuses. */
export function clipText(text: string, mostBytes: number): string {
  const clean = text.replaceAll('\0', '').toWellFormed()
  if (bytesOf(clean) <= mostBytes) return clean
  let kept = ''
  let bytes = bytesOf('…')
  for (const character of clean) {
    bytes += bytesOf(character) - 2
    if (bytes > mostBytes) break
    kept += character
  }
  return `${kept}…`
}

function bytesOf(text: string): number {
  return Buffer.byteLength(JSON.stringify(text), 'utf8')
}
