import { z } from 'zod'
import { name, variable } from '../values/fields.ts'

/** A folder of ids: without the slash, `team` would be `teams` too. */
const idPrefix = z.string().regex(/^[^/\s]\S*\/$/, 'A prefix ends with "/", such as "support/".')

const TokenSchema = z.strictObject({
  name,
  access: z.enum(['read', 'write', 'admin', 'attest']),
  /** Sources that the token may act for. */
  sources: z.array(name).default([]),
  /** Prefixes of the ids that the bearer may change. Default: any id. */
  prefixes: z.array(idPrefix).default([]),
  /** The environment variable that holds the token. */
  env: variable,
})

/** The registry in `promptctl.yaml`: a local SQLite file, a URL, or a Lambda function. */
export const RegistrySchema = z.union([
  z.strictObject({
    store: z.literal('sqlite').default('sqlite'),
    file: z.string().min(1).default('.promptctl/registry.db'),
    tokens: z.array(TokenSchema).default([]),
    allowedModes: z
      .array(z.enum(['simulation', 'dev', 'staging', 'production']))
      .min(1)
      .optional(),
    deprecatedPins: z.enum(['serve', 'block']).default('serve'),
    /** `enforce`: a release that breaks callers in a smaller step than major waits. */
    inputs: z.enum(['report', 'enforce']).default('report'),
    emergencyKeyEnv: variable
      .optional()
      .describe('Environment variable with the private key, as PEM, that signs the sets of changes by hand.'),
  }),
  z.strictObject({ url: z.url(), tokenEnv: variable.optional() }),
  z.strictObject({
    function: z.string().min(1).describe("Name or ARN of the registry's Lambda function."),
    tokenEnv: variable.optional(),
  }),
])

export type RegistryConfig = z.output<typeof RegistrySchema>
/** A registry in this process. */
export type EmbeddedConfig = Extract<RegistryConfig, { file: string }>
/** A registry elsewhere. */
export type RemoteConfig = Exclude<RegistryConfig, { file: string }>
export type TokenConfig = z.output<typeof TokenSchema>
