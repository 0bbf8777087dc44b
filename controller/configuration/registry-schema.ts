import { z } from 'zod'
import { name, variable } from './fields.ts'

const TokenSchema = z.strictObject({
  name,
  access: z.enum(['read', 'write', 'admin']),
  /** The sources that the bearer may act for. */
  sources: z.array(name).default([]),
  /** The environment variable that holds the token. */
  env: variable,
})

/** A registry as `promptctl.yaml` has it: a file of its own, an address, or a function. */
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
  }),
  z.strictObject({ url: z.url(), tokenEnv: variable.optional() }),
  z.strictObject({
    function: z.string().min(1).describe('Name or ARN of the Lambda function of a registry.'),
    tokenEnv: variable.optional(),
  }),
])

export type RegistryConfig = z.output<typeof RegistrySchema>
/** A registry in this process. */
export type EmbeddedConfig = Extract<RegistryConfig, { file: string }>
/** A registry elsewhere. */
export type RemoteConfig = Exclude<RegistryConfig, { file: string }>
export type TokenConfig = z.output<typeof TokenSchema>
