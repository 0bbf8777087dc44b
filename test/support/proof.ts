import { createPublicKey, generateKeyPairSync, type KeyObject } from 'node:crypto'
import { verificationKeyOf } from '../../api/contract/keys/verification-key.ts'
import { type SetStatement, signSet } from '../../api/contract/proof/set-statement.ts'
import type { ProofKeys, SetProof } from '../../api/contract/proof/verify-set.ts'

const [release, emergency] = [0, 1].map(() => generateKeyPairSync('ed25519').privateKey) as [
  ReturnType<typeof generateKeyPairSync>['privateKey'],
  ReturnType<typeof generateKeyPairSync>['privateKey'],
]

/** Keys made for this process. */
export const PRIVATE = {
  release,
  emergency,
  p256: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey,
}

export const PUBLIC: ProofKeys = {
  release: [verificationKeyOf(PRIVATE.release)],
  emergency: [verificationKeyOf(PRIVATE.emergency)],
}

/** As options of a client. */
export const PUBLIC_TEXTS = {
  keys: [pemOf(PRIVATE.release)],
  emergencyKeys: [pemOf(PRIVATE.emergency)],
}

function pemOf(key: KeyObject): string {
  return createPublicKey(key).export({ type: 'spki', format: 'pem' }).toString()
}

export function setStatement(fields: Partial<SetStatement> = {}): SetStatement {
  return {
    kind: 'release',
    source: 'support',
    members: {},
    sequence: 1,
    release: null,
    evidence: [],
    policy: null,
    ...fields,
  }
}

/** A proof signed with the key of its kind. */
export function proofOf(
  fields: Partial<SetStatement> = {},
  releases: readonly SetStatement[] = [],
): SetProof {
  const sign = (statement: SetStatement) => signSet(statement, PRIVATE[statement.kind])
  return { statement: sign(setStatement(fields)), releases: releases.map(sign) }
}
