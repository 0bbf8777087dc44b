import type { createSigner as Create } from './sigv4.ts'

/** In place of `sigv4.ts` in the bundle for runtimes without the modules of Node. */
export const createSigner: typeof Create = () => {
  throw new TypeError('This runtime does not support signed requests (auth: "iam"); use a token.')
}
