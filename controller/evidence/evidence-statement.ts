import { createHash } from 'node:crypto'
import type { Statement } from '../../api/contract/attestation/statement.ts'
import { EVIDENCE_REFS } from '../source/git-source.ts'
import type { JudgedVersion } from './judge-evidence.ts'

/** What an attester says about a version. */
export interface Attestation {
  /** The name that a requirement asks for, such as `eval`. */
  readonly evidence: string
  readonly predicate: string
  /** Such as `PASSED`. */
  readonly result: string
  /** Milliseconds since the epoch. */
  readonly finishedAt: number
  /** Address of the test run. */
  readonly url?: string | undefined
}

/** The statement about a version, in the form that `createEvidenceJudge` reads. */
export function evidenceStatement(
  { id, identity, payloadSha256, description, tags }: Omit<JudgedVersion, 'commit'>,
  { evidence, predicate, result, finishedAt, url }: Attestation,
): Statement {
  return {
    subject: [
      {
        name: id,
        digest: { sha256: identity },
        annotations: { payloadSha256, description, tags: [...tags] },
      },
    ],
    predicateType: predicate,
    predicate: {
      result,
      configuration: [{ name: evidence }],
      ...(url !== undefined && { url }),
      finishedOn: new Date(finishedAt).toISOString(),
    },
  }
}

const DIGITS = 16

/** The ref for a file with an envelope about a version. Other statements about the version have other refs. */
export function evidenceRef(
  { identity, payloadSha256 }: Pick<JudgedVersion, 'identity' | 'payloadSha256'>,
  file: Uint8Array,
): string {
  const digest = createHash('sha256').update(file).digest('hex').slice(0, DIGITS)
  return `${EVIDENCE_REFS}${identity}/${payloadSha256}/${digest}`
}
