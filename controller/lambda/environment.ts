import type { Environment } from '../../api/contract/index.ts'
import { ConfigError } from '../configuration/config.ts'
import { readReferences, type SecretReferences } from './secrets.ts'

/** The environment variables of both controller functions. */
export interface FunctionEnvironment {
  /** `SOURCES_BUCKET` and `SOURCES_KEY`. */
  readonly document: { readonly bucket: string; readonly key: string }
  /** `PROMPT_CONTROLLER_SECRETS`. */
  readonly references: SecretReferences
  /** `LOG_LEVEL`. Default: `INFO`. */
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  /** `EVENT_BUS`: the bus of EventBridge that gets events; `null` for none. */
  readonly eventBus: string | null
  /** `PROOF_KMS_KEY`: the ARN of the key of AWS KMS that signs sets, even if the document names another key; `null` for none. */
  readonly proofKey: string | null
  /** `AWS_LAMBDA_FUNCTION_NAME`. */
  readonly functionName: string
  /** The function to invoke: `PROMPT_REGISTRY_FUNCTION` or, for webhooks, `CONTROLLER_FUNCTION`. */
  readonly invokes: string
}

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const

/** `invokes`: the variable with the name of the function to invoke. Throws `ConfigError`. */
export function readEnvironment(
  env: Environment,
  invokes: 'PROMPT_REGISTRY_FUNCTION' | 'CONTROLLER_FUNCTION',
): FunctionEnvironment {
  const required = (name: string): string => {
    const value = env[name]?.trim()
    if (value) return value
    throw new ConfigError(
      `The variable ${name} is not set. The Terraform module prompt_controller sets it: apply the module again.`,
    )
  }
  return {
    document: { bucket: required('SOURCES_BUCKET'), key: required('SOURCES_KEY') },
    references: readReferences(env.PROMPT_CONTROLLER_SECRETS),
    logLevel: LOG_LEVELS.find((level) => level === env.LOG_LEVEL?.toUpperCase()) ?? 'INFO',
    eventBus: env.EVENT_BUS?.trim() || null,
    proofKey: env.PROOF_KMS_KEY?.trim() || null,
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? 'prompt-controller',
    invokes: required(invokes),
  }
}
