import type { PublicKey, Signature } from 'openpgp'
import { Refusal } from './refusal.ts'

type OpenPgp = typeof import('openpgp')

/**
 * Who of the owners of these public keys made the signature, as of `now` (milliseconds since the epoch). Throws a
 * `Refusal` where nobody did.
 */
export async function pgpSigner(
  payload: Uint8Array,
  armored: string,
  armoredKeys: readonly string[],
  now: number,
): Promise<string> {
  // Half a megabyte of JavaScript, and most repositories sign with SSH or not at all.
  const openpgp = await import('openpgp')
  const keys = await readKeys(openpgp, armoredKeys)
  const signature = await openpgp
    .readSignature({ armoredSignature: armored })
    .catch((cause: Error) => refuse('its signature is malformed', cause))
  const [packet, ...more] = signature.packets
  if (packet === undefined || more.length > 0) throw new Refusal('it has not one signature but several')
  if (packet.signatureType !== openpgp.enums.signature.binary)
    throw new Refusal('it is not signed byte for byte')
  const keyId = packet.issuerKeyID
  const key = keys.find((one) => one.getKeys(keyId).length > 0)
  if (key === undefined)
    throw new Refusal(
      `it is signed with the OpenPGP key ${keyId.toHex().toUpperCase()}, which is none of "gpgKeys"; add it if its owner may release`,
    )
  await refuseForged(openpgp, { payload, signature, key, at: Math.max(now, packet.created?.getTime() ?? 0) })
  await refuseUnusable(key, keyId, new Date(now))
  return key.getUserIDs()[0] ?? key.getFingerprint()
}

async function readKeys(openpgp: OpenPgp, armoredKeys: readonly string[]): Promise<PublicKey[]> {
  const read = armoredKeys.map((armored, index) =>
    openpgp
      .readKeys({ armoredKeys: armored })
      .catch((cause: Error) => refuse(`"gpgKeys[${index}]" of the configuration cannot be read`, cause)),
  )
  return (await Promise.all(read)).flat()
}

async function refuseForged(
  openpgp: OpenPgp,
  { payload, signature, key, at }: { payload: Uint8Array; signature: Signature; key: PublicKey; at: number },
): Promise<void> {
  const message = await openpgp.createMessage({ binary: payload })
  const verifying = openpgp.verify({
    ...{ message, signature, verificationKeys: key, format: 'binary' as const, date: new Date(at) },
    expectSigned: true,
    // Who extends a key's life replaces its signature of itself, which is then newer than the tag; that the key is
    // good now is checked anyway.
    config: { allowInsecureVerificationWithReformattedKeys: true },
  })
  await verifying.catch((cause: Error) =>
    /digest did not match|verification failed/.test(cause.message)
      ? refuse('its signature does not fit its content', cause)
      : refuse(`its signature is not accepted (${cause.message})`, cause),
  )
}

/** As git does, a key that has expired or was revoked since is refused: whoever found it could date a tag back. */
async function refuseUnusable(
  key: PublicKey,
  keyId: Parameters<PublicKey['getSigningKey']>[0],
  now: Date,
): Promise<void> {
  await key.getSigningKey(keyId, now).catch((cause: Error) => {
    const owner = key.getUserIDs()[0] ?? key.getFingerprint()
    if (/revoked/i.test(cause.message)) refuse(`the OpenPGP key of ${owner} was revoked`, cause)
    if (/expired/i.test(cause.message))
      refuse(`the OpenPGP key of ${owner} has expired; extend it, and put it into "gpgKeys" anew`, cause)
    refuse(`the OpenPGP key of ${owner} cannot sign now (${cause.message})`, cause)
  })
}

function refuse(message: string, cause: Error): never {
  throw new Refusal(message, { cause })
}
