import type { EnvelopeDocument } from '../../api/contract/attestation/dsse.ts'
import { RegistryError } from '../../api/contract/errors.ts'
import type { PushRequest, RegistryApi } from '../../api/contract/registry-api.ts'
import type { Access } from '../../api/registry/caller.ts'

/** One way for an adapter to be wrong, and the case that must notice. */
export interface ApiFault {
  readonly name: string
  readonly caught: string
  readonly spoil: (right: RegistryApi, other: (access: Access) => RegistryApi) => Partial<RegistryApi>
}

type Push = RegistryApi['push']

/** Changes requests on their way. */
const pushing = (spoiled: (request: PushRequest) => PushRequest) => (right: RegistryApi) => ({
  push: ((request, options) => right.push(spoiled(request), options)) as Push,
})

const clean = (text: string) => text.replaceAll('\0', '').toWellFormed()

export const API_FAULTS: readonly ApiFault[] = [
  {
    name: 'answers with fields that are undefined',
    caught: 'answers every method with a document that JSON can carry',
    spoil: (right) => ({
      source: async (name, options) => ({ ...(await right.source(name, options)), hold: undefined }),
    }),
  },
  {
    name: 'loses a part of a state',
    caught: 'answers every method with a document that JSON can carry',
    spoil: (right) => ({
      recordSource: (name, request, options) => right.recordSource(name, { ...request, state: {} }, options),
    }),
  },
  {
    name: 'lets every caller write',
    caught: 'refuses what the access of the caller does not cover, and changes nothing',
    spoil: (_right, other) => ({ push: other('admin').push }),
  },
  {
    name: 'ignores unknown fields',
    caught: 'refuses fields and parameters that the route does not have, and values of another type',
    spoil: pushing(({ prompt_id, content, origin }) => ({ prompt_id, content, origin })),
  },
  {
    name: 'ignores unknown parameters',
    caught: 'refuses fields and parameters that the route does not have, and values of another type',
    spoil: (right) => ({
      list: ({ source, prefix, limit, cursor, status } = {}, options) =>
        right.list({ source, prefix, limit, cursor, status } as never, options),
    }),
  },
  {
    name: 'repairs text',
    caught: 'refuses text that cannot be stored',
    spoil: pushing((request) => ({ ...request, content: clean(request.content) })),
  },
  {
    name: 'cuts large content',
    caught: 'refuses fields that are too large',
    spoil: pushing((request) => ({ ...request, content: request.content.slice(0, 1000) })),
  },
  {
    name: 'resolves dots in ids',
    caught: 'refuses ids and references that no path can have',
    spoil: (right) => ({ versions: (id, ...rest) => right.versions(id.replace('a/../', ''), ...rest) }),
  },
  {
    name: 'decodes a plus as a space',
    caught: 'reads every character of ids, names and parameters as it is',
    spoil: (right) => ({ resolve: (ref, ...rest) => right.resolve(ref.replaceAll('+', ' '), ...rest) }),
  },
  {
    name: 'forgets the details of a refusal',
    caught: 'refuses with the code, the sentence and the details of the registry, and without a cause',
    spoil: (right) => ({
      push: (request, options) =>
        right.push(request, options).catch((error: RegistryError) => {
          throw new RegistryError(error.code, error.message)
        }),
    }),
  },
  {
    name: 'shows the cause to its caller',
    caught: 'logs the cause of a failure, and keeps it from the caller',
    spoil: (right) => ({
      resolve: (...asked) =>
        right.resolve(...asked).catch(({ code, message }: RegistryError) => {
          throw new RegistryError(code, message, { cause: new SyntaxError('broken') })
        }),
    }),
  },
  {
    name: 'keeps the request that it was given',
    caught: 'neither changes a request nor keeps it',
    spoil(right) {
      let kept: unknown
      return {
        async recordSource(name, request, options) {
          kept = request.state
          return await right.recordSource(name, request, options)
        },
        source: async (...asked) => ({ ...(await right.source(...asked)), state: kept as never }),
      }
    },
  },
  {
    name: 'decodes the payload of a statement',
    caught: 'lists statements as they were signed, page by page, about the version that was asked for',
    spoil: (right) => ({
      async evidence(query, options) {
        const { evidence, ...rest } = await right.evidence(query, options)
        const decoded = ({ payload, ...envelope }: EnvelopeDocument) => ({
          ...envelope,
          payload: atob(payload),
        })
        return { ...rest, evidence: evidence.map((one) => ({ ...one, envelope: decoded(one.envelope) })) }
      },
    }),
  },
  {
    name: 'drops the version from a query for statements',
    caught: 'lists statements as they were signed, page by page, about the version that was asked for',
    spoil: (right) => ({
      evidence: ({ identity: _, ...query }, options) => right.evidence(query, options),
    }),
  },
  {
    name: 'drops the cursor from a query for statements',
    caught: 'lists statements as they were signed, page by page, about the version that was asked for',
    spoil: (right) => ({
      evidence: ({ cursor: _, ...query }, options) => right.evidence(query, options),
    }),
  },
  {
    name: 'attests as an admin',
    caught: 'lets a caller with the access attest do nothing else, and a writer not attest',
    spoil: (_right, other) => ({ attest: other('admin').attest }),
  },
  {
    name: 'reads as an admin',
    caught: 'lets a caller with the access attest do nothing else, and a writer not attest',
    spoil: (_right, other) => ({ evidence: other('admin').evidence }),
  },
  {
    name: 'attests at the path that its id resolves to',
    caught: 'refuses a statement that could never count, and stores nothing',
    spoil: (right) => ({
      attest: (id, ...rest) => right.attest(id.replace('a/../', ''), ...rest),
    }),
  },
  {
    name: 'ignores signals',
    caught: 'begins nothing for a signal that was aborted',
    spoil: (right) => ({ push: (request) => right.push(request) }),
  },
  {
    name: 'waits for ever',
    caught: 'ends a call that waits when its signal aborts, or when its time is up',
    spoil: (_right, other) => ({ push: (request) => other('write').push(request) }),
  },
]
