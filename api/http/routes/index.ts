import type { Route } from '../route.ts'
import * as lifecycle from './lifecycle.ts'
import * as meta from './meta.ts'
import * as ownership from './ownership.ts'
import * as prompts from './prompts.ts'
import * as sources from './sources.ts'
import * as versions from './versions.ts'

/** Every route of the registry but those of the console. */
export const ROUTES: readonly Route[] = [
  ...Object.values(prompts),
  ...Object.values(versions),
  ...Object.values(lifecycle),
  ...Object.values(ownership),
  ...Object.values(sources),
  ...Object.values(meta),
]
