import type { PublicKey, Signature, SignaturePacket } from 'openpgp'
import { SignatureRefusal } from './refusal.ts'

type OpenPgp = typeof import('openpgp')

/**
 * Returns the owner of the key that made the signature. Checks the key at `now` (milliseconds since the epoch).
 * Throws a `SignatureRefusal` if the signature is refused.
 */
export type PgpVerifier = (payload: Uint8Array, armored: string, now: number) => Promise<string>

export function createPgpVerifier(armoredKeys: readonly string[]): PgpVerifier {
  let loading: Promise<{ openpgp: OpenPgp; keys: readonly PublicKey[] }> | undefined
  return async (payload, armored, now) => {
    loading ??= load(armoredKeys)
    const { openpgp, keys } = await loading
    const { signature, packet } = await readSignature(openpgp, armored)
    const key = keys.find((one) => one.getKeys(packet.issuerKeyID).length > 0)
    if (key === undefined)
      throw new SignatureRefusal(
        `it is signed with the OpenPGP key ${packet.issuerKeyID.toHex().toUpperCase()}, which is not in "gpgKeys"; add the key if its owner may release`,
      )
    // Clocks differ: the time of a new signature may be in the future here.
    const at = Math.max(now, packet.created?.getTime() ?? 0)
    await refuseForged(openpgp, { payload, signature, key, at })
    await refuseUnusable(key, packet.issuerKeyID, at)
    return ownerOf(key)
  }
}

/** Loads openpgp on demand: it has half a megabyte, and most repositories sign with SSH or not at all. */
async function load(armoredKeys: readonly string[]) {
  const openpgp = await import('openpgp')
  const blocks = armoredKeys.flatMap((text, index) =>
    (text.match(BLOCK) ?? [text]).map((block) => ({ block, index })),
  )
  const read = blocks.map(({ block, index }) =>
    openpgp
      .readKeys({ armoredKeys: block })
      .catch((cause: Error) => refuse(`"gpgKeys[${index}]" of the configuration cannot be read`, cause)),
  )
  return { openpgp, keys: (await Promise.all(read)).flat() }
}

/** A file may have several blocks, of which the library reads only the first. */
const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g

async function readSignature(
  openpgp: OpenPgp,
  armored: string,
): Promise<{ signature: Signature; packet: SignaturePacket }> {
  const signature = await openpgp
    .readSignature({ armoredSignature: armored })
    .catch((cause: Error) => refuse('its signature is malformed', cause))
  const [packet, ...more] = signature.packets
  if (packet === undefined || more.length > 0)
    throw new SignatureRefusal('it must have exactly one signature')
  if (packet.signatureType !== openpgp.enums.signature.binary)
    throw new SignatureRefusal('its signature is in text mode; sign with "git tag -s"')
  return { signature, packet }
}

async function refuseForged(
  openpgp: OpenPgp,
  { payload, signature, key, at }: { payload: Uint8Array; signature: Signature; key: PublicKey; at: number },
): Promise<void> {
  const message = await openpgp.createMessage({ binary: payload })
  const verifying = openpgp.verify({
    ...{ message, signature, verificationKeys: key, format: 'binary' as const, date: new Date(at) },
    expectSigned: true,
    // Extending a key replaces its self-signature, which is then newer than the tag. `refuseUnusable` checks that
    // the key is valid now.
    config: { allowInsecureVerificationWithReformattedKeys: true },
  })
  await verifying.catch((cause: Error) =>
    /digest did not match|verification failed/.test(cause.message)
      ? refuse('its signature does not match its content', cause)
      : refuseKey(key, cause),
  )
}

/** Like git, refuses a key that has expired or was revoked since: a thief of the key could backdate a tag. */
async function refuseUnusable(
  key: PublicKey,
  keyId: Parameters<PublicKey['getSigningKey']>[0],
  at: number,
): Promise<void> {
  await key.getSigningKey(keyId, new Date(at)).catch((cause: Error) => refuseKey(key, cause))
}

function refuseKey(key: PublicKey, cause: Error): never {
  if (/revoked/i.test(cause.message)) refuse(`the OpenPGP key of ${ownerOf(key)} was revoked`, cause)
  if (/key is expired/i.test(cause.message))
    refuse(`the OpenPGP key of ${ownerOf(key)} has expired; extend it, and update "gpgKeys"`, cause)
  refuse(`the OpenPGP key of ${ownerOf(key)} cannot verify it (${cause.message})`, cause)
}

function ownerOf(key: PublicKey): string {
  return key.getUserIDs()[0] ?? key.getFingerprint().toUpperCase()
}

function refuse(message: string, cause: Error): never {
  throw new SignatureRefusal(message, { cause })
}
