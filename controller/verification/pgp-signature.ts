import type { PublicKey, Signature, SignaturePacket } from 'openpgp'
import { Refusal } from './refusal.ts'

type OpenPgp = typeof import('openpgp')

/**
 * Who of the owners of the public keys made the signature, as of `now` (milliseconds since the epoch). Throws a
 * `Refusal` where nobody did.
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
      throw new Refusal(
        `it is signed with the OpenPGP key ${packet.issuerKeyID.toHex().toUpperCase()}, which is none of "gpgKeys"; add it if its owner may release`,
      )
    // Clocks differ: a tag that is pushed at once may have been signed in what is the future here.
    const at = Math.max(now, packet.created?.getTime() ?? 0)
    await refuseForged(openpgp, { payload, signature, key, at })
    await refuseUnusable(key, packet.issuerKeyID, at)
    return ownerOf(key)
  }
}

/** Half a megabyte of JavaScript, and most repositories sign with SSH or not at all. */
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

/** A file may have several; the library reads the first one and says nothing of the others. */
const BLOCK = /-----BEGIN PGP PUBLIC KEY BLOCK-----[\s\S]*?-----END PGP PUBLIC KEY BLOCK-----/g

async function readSignature(
  openpgp: OpenPgp,
  armored: string,
): Promise<{ signature: Signature; packet: SignaturePacket }> {
  const signature = await openpgp
    .readSignature({ armoredSignature: armored })
    .catch((cause: Error) => refuse('its signature is malformed', cause))
  const [packet, ...more] = signature.packets
  if (packet === undefined || more.length > 0) throw new Refusal('it has several signatures, or none')
  if (packet.signatureType !== openpgp.enums.signature.binary)
    throw new Refusal('its signature is not one of bytes; sign with "git tag -s"')
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
    // Who extends a key's life replaces its signature of itself, which is then newer than the tag; that the key is
    // good now is checked anyway.
    config: { allowInsecureVerificationWithReformattedKeys: true },
  })
  await verifying.catch((cause: Error) =>
    /digest did not match|verification failed/.test(cause.message)
      ? refuse('its signature does not fit its content', cause)
      : refuseKey(key, cause),
  )
}

/** As git does, a key that has expired or was revoked since is refused: whoever found it could date a tag back. */
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
    refuse(`the OpenPGP key of ${ownerOf(key)} has expired; extend it, and put it into "gpgKeys" anew`, cause)
  refuse(`the OpenPGP key of ${ownerOf(key)} cannot vouch for it (${cause.message})`, cause)
}

function ownerOf(key: PublicKey): string {
  return key.getUserIDs()[0] ?? key.getFingerprint().toUpperCase()
}

function refuse(message: string, cause: Error): never {
  throw new Refusal(message, { cause })
}
