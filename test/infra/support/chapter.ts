import { test } from 'vitest'
import { terraformMissing } from './terraform.ts'

/** The provider is a program of 600 MB, and waits 50 s to see that a bucket's lifecycle is settled, on AWS as here. */
export const PATIENCE = 300_000

const missing = await terraformMissing()

export const hasTerraform = missing === undefined

/** A test of a story, which runs after those before it; skipped, naming the reason, if there is no terraform. */
export function chapter(name: string, run: () => Promise<void>): void {
  test(name, { timeout: PATIENCE }, async ({ skip }) => {
    if (missing !== undefined) skip(missing)
    await run()
  })
}
