import type { RegistryError } from '../contract/errors.ts'

/**
 * Reports the failure of one part of a request whose others go on. `subject` is the prompt id or the reference. Its answer has
 * no cause, so only this leads the operator to it.
 */
export type ReportFailure = (subject: string, error: RegistryError) => void
