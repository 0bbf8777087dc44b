import { keySigner, type StatementSigner } from '../../api/contract/attestation/signer.ts'
import type { Runtime } from '../values/runtime.ts'
import type { Config } from './config.ts'
import { signingKey } from './signing-key.ts'

/** Who signs the sets of releases; `undefined` without `proof`. Throws `ConfigError` for a key that cannot sign. */
export function setSigner(
  proof: Config['proof'],
  runtime: Pick<Runtime, 'env'>,
  kmsSigner: (keyArn: string) => StatementSigner,
): StatementSigner | undefined {
  if (proof === undefined) return undefined
  if ('kms' in proof) return kmsSigner(proof.kms)
  const key = signingKey(proof.keyEnv, runtime)
  return key && keySigner(key)
}
