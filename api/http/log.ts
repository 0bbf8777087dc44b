/** The log for the operator, with details that callers must not see. */
export interface HttpLog {
  error(message: string, facts: Readonly<Record<string, unknown>>): void
}
