import { keySigner, type StatementSigner } from './contract/attestation/signer.ts'
import type { Environment } from './contract/environment.ts'
import { parsePrivateKey } from './contract/keys/private-key.ts'
import { MODES, type Mode, parseMode } from './contract/mode.ts'
import { createKmsSigner, KMS_KEY_ARN } from './signing/kms-signer.ts'

/** Configuration of a registry on AWS, from environment variables. */
export interface AwsRegistryConfig {
  /** `DYNAMODB_TABLE`. */
  readonly table: string
  /** `S3_BUCKET`. */
  readonly bucket: string
  /** `ALLOWED_MODES`, such as `staging,production`. Default: all modes. */
  readonly allowedModes: readonly Mode[]
  /** `READ_ONLY`: true for the reader, which refuses writes. */
  readonly readOnly: boolean
  /** `DEPRECATED_PINS`: `serve` (default) or `block`. */
  readonly deprecatedPins: 'serve' | 'block'
  /** `CHANGED_INPUTS`: `report` (default) or `enforce`. */
  readonly inputs: 'report' | 'enforce'
  /** `READS_SAMPLE_RATE`: the share of reads that is counted, from 0 (none) to 1. Default: 1. */
  readonly readsSampleRate: number
  /** `EMERGENCY_KEY`: signs the sets of changes by hand. The ARN of a key of AWS KMS, or a private key as PEM. Default: none. */
  readonly emergencySigner: StatementSigner | undefined
  /** `LOG_LEVEL`. Default: `INFO`. */
  readonly logLevel: LogLevel
  /** `AWS_LAMBDA_FUNCTION_NAME`. Distinguishes writer and reader in logs and metrics. */
  readonly functionName: string
}

export const LOG_LEVELS = ['DEBUG', 'INFO', 'WARN', 'ERROR', 'SILENT'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Lists all problems of the environment, one sentence each. */
export class EnvironmentError extends Error {
  readonly problems: readonly string[]

  constructor(problems: readonly string[]) {
    super(`The registry is not configured. ${problems.join(' ')}`)
    this.name = 'ConfigError'
    this.problems = problems
  }
}

/** Treats an empty variable as unset. Throws `ConfigError`. */
export function readConfig(env: Environment): AwsRegistryConfig {
  const problems: string[] = []
  const variable = <T>(name: string, parse: (text: string | undefined) => T): T | undefined => {
    try {
      return parse(env[name]?.trim() || undefined)
    } catch (error) {
      problems.push(`${name}: ${error instanceof Error ? error.message : 'The value is invalid.'}`)
      return undefined
    }
  }
  const config = {
    table: variable('DYNAMODB_TABLE', required('the name of the DynamoDB table')),
    bucket: variable('S3_BUCKET', required('the name of the S3 bucket')),
    allowedModes: variable('ALLOWED_MODES', parseModes),
    readOnly: variable('READ_ONLY', parseFlag),
    deprecatedPins: variable('DEPRECATED_PINS', oneOf(['serve', 'block'], 'serve')),
    inputs: variable('CHANGED_INPUTS', oneOf(['report', 'enforce'], 'report')),
    readsSampleRate: variable('READS_SAMPLE_RATE', parseShare),
    emergencySigner: variable('EMERGENCY_KEY', parseKey),
    logLevel: variable('LOG_LEVEL', (text) => oneOf(LOG_LEVELS, 'INFO')(text?.toUpperCase())),
    functionName: variable('AWS_LAMBDA_FUNCTION_NAME', (text) => text ?? 'prompt-registry'),
  }
  if (problems.length > 0) throw new EnvironmentError(problems)
  return config as AwsRegistryConfig
}

function required(what: string): (text: string | undefined) => string {
  return (text) => {
    if (text !== undefined) return text
    throw new Error(`It is not set; set it to ${what}.`)
  }
}

function parseKey(text: string | undefined): StatementSigner | undefined {
  if (text === undefined) return undefined
  if (KMS_KEY_ARN.test(text)) return createKmsSigner(text)
  return clause(() => keySigner(parsePrivateKey(text)))
}

/** Makes a sentence of an error whose message is a clause. */
function clause<T>(work: () => T): T {
  try {
    return work()
  } catch (error) {
    throw new Error(`The key cannot sign: ${error instanceof Error ? error.message : error}.`, {
      cause: error,
    })
  }
}

function parseModes(text: string | undefined): readonly Mode[] {
  if (text === undefined) return MODES
  const modes = text.split(',').map((name) => parseMode(name.trim()))
  return MODES.filter((mode) => modes.includes(mode))
}

function parseFlag(text: string | undefined): boolean {
  if (text === undefined || /^(false|0|no|off)$/i.test(text)) return false
  if (/^(true|1|yes|on)$/i.test(text)) return true
  throw new Error(`"${text}" is neither true nor false.`)
}

function parseShare(text: string | undefined): number {
  const share = text === undefined ? 1 : Number(text)
  if (share >= 0 && share <= 1) return share
  throw new Error(`"${text}" is not a number from 0 to 1.`)
}

function oneOf<const T extends string>(
  known: readonly T[],
  fallback: NoInfer<T>,
): (text: string | undefined) => T {
  return (text) => {
    if (text === undefined) return fallback
    const found = known.find((name) => name === text)
    if (found !== undefined) return found
    throw new Error(`"${text}" is not one of ${known.join(', ')}.`)
  }
}
