import { randomUUID } from 'node:crypto'
import { RegistryError } from '../../api/contract/errors.ts'
import type { RegistryApi } from '../../api/contract/registry-api.ts'
import type { MountedHandler } from '../../api/http/beside.ts'
import { loopbackAuth } from '../../api/http/loopback.ts'
import { remoteAddress } from '../../api/http/remote-address.ts'
import type { Caller } from '../../api/registry/caller.ts'
import type { EmbeddedRegistry } from '../../api/server.ts'
import { type ConsoleParts, createConsole } from '../../console/console.ts'
import type { Viewer } from '../../console/viewer.ts'
import { classOf, isFindingCode } from '../findings/finding.ts'
import { callLimit } from './call-limit.ts'
import type { CliRuntime } from './cli-runtime.ts'
import type { Controller } from './controller.ts'
import { createLog } from './log.ts'

/** The console of a registry in this process. People sign in with a token, if there are any. */
export function embeddedConsole(
  registry: EmbeddedRegistry,
  { lookAgain }: Pick<Controller, 'lookAgain'>,
  runtime: CliRuntime,
  options: Pick<ConsoleParts, 'refreshMs'> = {},
): MountedHandler {
  const viewerOf = viewers(registry)
  const { fetch } = createConsole({
    ...commonParts(runtime),
    where: 'this registry',
    lookAgain,
    ...options,
    authenticate: (request, env, token) => {
      const headers = new Headers(request.headers)
      headers.delete('authorization')
      if (token !== null) headers.set('authorization', `Bearer ${token}`)
      return viewerOf(registry.authenticate(new Request(request.url, { headers }), env))
    },
  })
  return { prefix: '/console', root: true, fetch }
}

/** The same object for the same caller, so that the console can keep answers. */
function viewers(registry: EmbeddedRegistry): (caller: Caller) => Viewer {
  const known = new WeakMap<Caller, Viewer>()
  return (caller) => {
    const there = known.get(caller)
    if (there !== undefined) return there
    const { actor, access } = caller
    if (access === 'attest') throw cannotRead(actor)
    const made = { api: registry.apiFor(caller, callLimit()), actor, access }
    known.set(caller, made)
    return made
  }
}

function cannotRead(actor: string): RegistryError {
  return new RegistryError(
    'forbidden',
    `The token "${actor}" may only post evidence, and the console reads; sign in with another token.`,
  )
}

/** The console of another registry, for the person who started it and only on this machine. */
export function ownConsole(api: RegistryApi, where: string, runtime: CliRuntime) {
  const auth = loopbackAuth(remoteAddress)
  const viewer: Viewer = { api, actor: null, access: null }
  return createConsole({
    ...commonParts(runtime),
    where,
    authenticate: (request, env) => {
      auth(request, env)
      return viewer
    },
  })
}

function commonParts(
  runtime: CliRuntime,
): Pick<ConsoleParts, 'now' | 'newId' | 'onError' | 'classOfFinding'> {
  const log = createLog(runtime)
  return {
    now: runtime.now,
    newId: randomUUID,
    classOfFinding: (code) => (isFindingCode(code) ? classOf(code) : 'notice'),
    onError: (message, error) => log.error(message, { error }),
  }
}
