import { generateKeyPairSync, type KeyObject } from 'node:crypto'
import { signEnvelope } from '../../api/contract/attestation/dsse.ts'
import {
  STATEMENT_PAYLOAD_TYPE,
  type Statement,
  statementBytes,
} from '../../api/contract/attestation/statement.ts'

/** Somebody who gives evidence. */
export interface Attester {
  readonly privateKey: KeyObject
  /** As PEM. */
  readonly publicKey: string
  /** The file of a signed envelope. */
  sign(statement: Statement): Buffer
}

export function attester(algorithm: 'ed25519' | 'p256' = 'ed25519'): Attester {
  const { publicKey, privateKey } =
    algorithm === 'ed25519'
      ? generateKeyPairSync('ed25519')
      : generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return {
    privateKey,
    publicKey: String(publicKey.export({ type: 'spki', format: 'pem' })),
    sign: (statement) =>
      Buffer.from(
        JSON.stringify(signEnvelope(STATEMENT_PAYLOAD_TYPE, statementBytes(statement), privateKey)),
      ),
  }
}
