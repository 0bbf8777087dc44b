import { S3Client } from '@aws-sdk/client-s3'
import { fetchObject } from './aws/document.ts'
import { PATIENCE } from './aws/patience.ts'
import { createSecretReader } from './aws/secrets.ts'
import { type FunctionEnvironment, readEnvironment } from './environment.ts'
import type { ControllerObserver } from './observer.ts'
import { createPowertoolsObserver } from './powertools.ts'
import { createSecrets, type ReadSecrets } from './secrets.ts'
import { createSourcesDocument, type SourcesDocument } from './sources-document.ts'

/** The parts that both controller functions share. */
export interface FunctionParts
  extends Pick<FunctionEnvironment, 'functionName' | 'invokes' | 'eventBus' | 'proofKey'> {
  readonly s3: S3Client
  readonly bucket: string
  readonly observer: ControllerObserver
  readonly document: SourcesDocument
  readonly secrets: ReadSecrets
}

export interface FunctionPartsInput {
  readonly env: Readonly<Record<string, string | undefined>>
  /** The variable with the name of the function to invoke. */
  readonly invokes: Parameters<typeof readEnvironment>[1]
  /** How long to cache the sources document, in milliseconds. */
  readonly documentKeepMs: number
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

const SECRETS_KEEP_MS = 300_000

/** Throws `ConfigError` if the environment is incomplete. */
export function createFunctionParts(input: FunctionPartsInput): FunctionParts {
  const { documentKeepMs: keepMs, now } = input
  const { references, logLevel, document, ...environment } = readEnvironment(input.env, input.invokes)
  const { functionName, invokes, eventBus, proofKey } = environment
  const observer = createPowertoolsObserver({ service: functionName, logLevel })
  const s3 = new S3Client(PATIENCE)
  return {
    ...{ functionName, invokes, eventBus, proofKey, observer, s3, bucket: document.bucket },
    document: createSourcesDocument({
      where: `s3://${document.bucket}/${document.key}`,
      fetch: (etag) => fetchObject(s3, document, etag),
      problem: (error) => observer.problem('the last good sources document stays in force', error),
      ...{ keepMs, now },
    }),
    secrets: createSecrets({ references, read: createSecretReader(), keepMs: SECRETS_KEEP_MS, now }),
  }
}
