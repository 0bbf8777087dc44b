/** The first names, and how many more there are: "a, b and 3 more". `count`: how many there are in all. */
export function firstNames(names: readonly string[], most: number, count = names.length): string {
  const shown = names.slice(0, most)
  const more = count - shown.length
  return shown.join(', ') + (more > 0 ? ` and ${more} more` : '')
}
