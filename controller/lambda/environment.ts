import { ConfigError } from '../config.ts'
import { readReferences, type SecretReferences } from './secrets.ts'

/** What both functions of the controller are told by their environment. */
export interface FunctionEnvironment {
  /** `SOURCES_BUCKET` and `SOURCES_KEY`. */
  readonly document: { readonly bucket: string; readonly key: string }
  /** `PROMPT_CONTROLLER_SECRETS`. */
  readonly references: SecretReferences
  /** `LOG_LEVEL`; `INFO` when not given. */
  readonly logLevel: 'DEBUG' | 'INFO' | 'WARN' | 'ERROR'
  /** `AWS_LAMBDA_FUNCTION_NAME`. */
  readonly functionName: string
  /** `PROMPT_REGISTRY_FUNCTION` of the controller, `CONTROLLER_FUNCTION` of the webhooks: what it invokes. */
  readonly invokes: string
}

type Environment = Readonly<Record<string, string | undefined>>

const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR'] as const

/** `invokes` is the variable that names the function to invoke. Throws `ConfigError`. */
export function readEnvironment(
  env: Environment,
  invokes: 'PROMPT_REGISTRY_FUNCTION' | 'CONTROLLER_FUNCTION',
): FunctionEnvironment {
  const required = (name: string): string => {
    const value = env[name]?.trim()
    if (value) return value
    throw new ConfigError(
      `The variable ${name} is not set; the Terraform module prompt_controller sets it, so apply it again.`,
    )
  }
  return {
    document: { bucket: required('SOURCES_BUCKET'), key: required('SOURCES_KEY') },
    references: readReferences(env.PROMPT_CONTROLLER_SECRETS),
    logLevel: LOG_LEVELS.find((level) => level === env.LOG_LEVEL?.toUpperCase()) ?? 'INFO',
    functionName: env.AWS_LAMBDA_FUNCTION_NAME ?? 'prompt-controller',
    invokes: required(invokes),
  }
}
