/** A value of a CSV cell. */
export type CsvValue = string | number | null

/**
 * A line of CSV (RFC 4180). A spreadsheet would run a cell that starts with `=`, `+`, `-`, `@`, their full-width forms,
 * a tab or a line break, so such cells get a leading quote.
 */
export function csvLine(values: readonly CsvValue[]): string {
  return `${values.map(cell).join(',')}\r\n`
}

function cell(value: CsvValue): string {
  const text = String(value ?? '')
  const safe = /^[=+\-@\t\r\n＝＋－＠]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
