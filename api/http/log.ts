/** Where the operator reads what a caller may not see. */
export interface HttpLog {
  error(message: string, facts: Readonly<Record<string, unknown>>): void
}
