import { z } from 'zod'
import { SourceError, type TagObject } from '../git-source.ts'
import { MOST_OBJECT_BYTES, objectTooLarge } from '../object-size.ts'
import type { Oid } from '../oid.ts'
import { parseTagObject } from '../tag-object.ts'
import type { GitHubApi } from './api.ts'
import type { Store } from './cache.ts'
import { GitHubFailure, missingTag, notUnderstood } from './errors.ts'
import { batches, checkOid, oidOf, oidSchema, queryObjects } from './objects.ts'

/** The remaining budget of one view. */
export interface TagBudget {
  readonly api: GitHubApi
  readonly store: Store
  /** The remaining tag objects that need a request each. */
  left: number
}

const knownSchema = z.object({
  tagger: z.string().nullable(),
  taggedAt: z.string().nullable(),
  signature: z.object({ payload: z.string(), armored: z.string() }).nullable(),
})
type KnownTagObjects = z.infer<typeof knownSchema>

const BATCH = 100
// Tag objects have a kilobyte or two. A response has the content twice, and escaped.
const MOST_ANSWER_BYTES = 8 * MOST_OBJECT_BYTES

/**
 * Queries a hundred tag objects per GraphQL request. GraphQL has no signatures, so an object is accepted only if
 * the bytes rebuilt from the response have its hash. The others take a request each, within the budget.
 */
export async function tagObjects(
  budget: TagBudget,
  objects: Iterable<Oid>,
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, TagObject>> {
  const { store } = budget
  const found = new Map<Oid, TagObject>()
  const unknown: Oid[] = []
  for (const oid of new Set(objects)) {
    const kept = await store.json(keyOf(checkOid(oid)), knownSchema)
    if (kept === undefined) unknown.push(oid)
    else found.set(oid, tagObjectOf(kept))
  }
  const learn = async (oid: Oid, tag: TagObject) => {
    found.set(oid, tag)
    await store.setJson(keyOf(oid), knownOf(tag))
  }
  for (const batch of batches(unknown, BATCH)) {
    if (budget.left === 0) break
    const proven = await askTogether(budget.api, batch, signal)
    for (const [oid, tag] of proven) await learn(oid, tag)
    for (const oid of batch) {
      if (proven.has(oid) || budget.left === 0) continue
      budget.left--
      await learn(oid, await askAlone(budget.api, oid, signal))
    }
  }
  return found
}

function keyOf(oid: Oid): string {
  return `tag object ${oid}`
}

function tagObjectOf({ signature, ...rest }: KnownTagObjects): TagObject {
  return { ...rest, signature: signature && { ...signature, payload: Buffer.from(signature.payload) } }
}

function knownOf({ signature, ...rest }: TagObject): KnownTagObjects {
  const text = signature && { ...signature, payload: Buffer.from(signature.payload).toString() }
  return { ...rest, signature: text }
}

const queriedSchema = z.object({
  name: z.string().optional(),
  message: z.string().nullish(),
  tagger: z
    .object({ name: z.string().nullable(), email: z.string().nullable(), date: z.string().nullable() })
    .nullish(),
  target: z.object({ __typename: z.string(), oid: oidSchema }).optional(),
})
const FIELDS = '... on Tag { name message tagger { name email date } target { __typename oid } }'

async function askTogether(
  api: GitHubApi,
  oids: readonly Oid[],
  signal?: AbortSignal,
): Promise<ReadonlyMap<Oid, TagObject>> {
  // If a batch is too large for one response, its objects are requested one by one.
  const answers = await queryObjects(
    api,
    'ReadTags',
    oids,
    FIELDS,
    queriedSchema,
    signal,
    MOST_ANSWER_BYTES,
  ).catch(tooMuch)
  const proven = new Map<Oid, TagObject>()
  for (const [index, oid] of oids.entries()) {
    const answer = answers[index]
    if (answer === null) throw missingTag(oid)
    const bytes = answer && bytesOf(answer).find((one) => oidOf('tag', one, oid) === oid)
    if (bytes) proven.set(oid, parseTagObject(demandSmall(oid, bytes)))
  }
  return proven
}

function tooMuch(error: unknown): [] {
  if (error instanceof SourceError && (error.code === 'unreachable' || error.code === 'too_large')) return []
  throw error
}

/** The possible bytes of the object, because GitHub may drop the last line feed of a message. */
function bytesOf({ name, message, tagger, target }: z.infer<typeof queriedSchema>): Buffer[] {
  const who = tagger ? taggerLine(tagger) : ''
  if (name === undefined || target === undefined || who === undefined) return []
  const headers = `object ${target.oid}\ntype ${target.__typename.toLowerCase()}\ntag ${name}\n${who}`
  return ['', '\n'].map((end) => Buffer.from(`${headers}\n${message ?? ''}${end}`))
}

function taggerLine(tagger: NonNullable<z.infer<typeof queriedSchema>['tagger']>): string | undefined {
  const { name, email, date } = tagger
  const [, sign = '+', hours = '00', minutes = '00'] = /([+-])(\d\d):?(\d\d)$/.exec(date ?? '') ?? []
  const seconds = Date.parse(date ?? '') / 1000
  if (name === null || email === null || !Number.isSafeInteger(seconds)) return undefined
  return `tagger ${name} <${email}> ${seconds} ${sign}${hours}${minutes}\n`
}

function demandSmall(oid: Oid, bytes: Buffer): Buffer {
  if (bytes.length > MOST_OBJECT_BYTES) throw objectTooLarge('tag', oid, bytes.length)
  return bytes
}

/** `verified` is not read: GitHub checks against keys that users uploaded to GitHub. */
const answerSchema = z.object({
  sha: oidSchema,
  message: z.string(),
  tagger: z.object({ name: z.string(), email: z.string(), date: z.string() }).nullish(),
  verification: z.object({ payload: z.string().nullable(), signature: z.string().nullable() }),
})

async function askAlone(api: GitHubApi, oid: Oid, signal?: AbortSignal): Promise<TagObject> {
  try {
    const options = { parameters: { tag_sha: oid }, signal, mostBytes: MOST_ANSWER_BYTES }
    const answer = await api.get('git/tags/{tag_sha}', answerSchema, options)
    if (answer === 'unchanged' || answer.data.sha !== oid) throw notUnderstood(`not the tag object ${oid}`)
    return fromAnswer(oid, answer.data)
  } catch (error) {
    if (error instanceof GitHubFailure && error.status === 404) throw missingTag(oid)
    if (error instanceof SourceError && error.code === 'too_large' && error.object === null)
      throw objectTooLarge('tag', oid)
    throw error
  }
}

function fromAnswer(oid: Oid, { message, tagger, verification }: z.infer<typeof answerSchema>): TagObject {
  const { payload, signature } = verification
  demandSmall(oid, Buffer.from(`${payload ?? message}${signature ?? ''}`))
  if (payload !== null && signature !== null) {
    const signed = Buffer.from(payload)
    return { ...parseTagObject(signed), signature: { payload: signed, armored: signature } }
  }
  // GitHub returns an empty tagger for a tag object without one.
  if (!tagger || tagger.name + tagger.email === '') return { tagger: null, taggedAt: null, signature: null }
  const at = Date.parse(tagger.date)
  return {
    tagger: `${tagger.name} <${tagger.email}>`,
    taggedAt: Number.isNaN(at) ? null : new Date(at).toISOString(),
    signature: null,
  }
}
