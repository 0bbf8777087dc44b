/** The result of one check of an installation. */
export interface InstallationCheck {
  /** The thing that was checked, such as `git` or `source support`. */
  readonly name: string
  /** `fail`: something does not work. `warn`: it works, but should be corrected. */
  readonly status: 'ok' | 'warn' | 'fail'
  readonly message: string
  /** What to do, as a sentence; `null` if nothing. */
  readonly fix: string | null
}

export function ok(name: string, message: string): InstallationCheck {
  return { name, status: 'ok', message, fix: null }
}

export function warn(name: string, message: string, fix: string): InstallationCheck {
  return { name, status: 'warn', message, fix }
}

export function fail(name: string, message: string, fix: string | null = null): InstallationCheck {
  return { name, status: 'fail', message, fix }
}

/** A check that an error ended. Our messages name the next step. */
export function failed(name: string, error: unknown): InstallationCheck {
  return fail(name, error instanceof Error ? error.message : String(error))
}
