/** Quotes a word for a POSIX shell, so that a command in a message can be pasted. */
export function shellWord(word: string): string {
  if (/^[A-Za-z0-9_./][A-Za-z0-9_./@:,=+-]*$/.test(word)) return word
  return `'${word.replaceAll("'", "'\\''")}'`
}
