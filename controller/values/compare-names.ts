/** Compares names in natural order: `v1.9` before `v1.10`. */
export const compareNames: (a: string, b: string) => number = new Intl.Collator('en', { numeric: true })
  .compare
