import { isErrorCode, RegistryError } from '../../../api/contract/errors.ts'

/** Functions that one thread offers to another. Arguments and results must be cloneable. */
// biome-ignore lint/suspicious/noExplicitAny: each function has an argument of its own type
type ThreadFunctions = { readonly [name: string]: (argument: any) => unknown }

/** Calls a function of the other thread. Rejects with its error. */
export type CallThread<Theirs extends ThreadFunctions> = <Name extends keyof Theirs & string>(
  name: Name,
  argument: Parameters<Theirs[Name]>[0],
) => Promise<Awaited<ReturnType<Theirs[Name]>>>

export interface ConnectedThread<Theirs extends ThreadFunctions> {
  readonly call: CallThread<Theirs>
  /** Rejects the calls in progress and all later ones, because the other thread has ended. */
  readonly fail: (error: unknown) => void
}

/** One end of the channel between two threads: a `Worker` or its parent's port. */
interface ThreadEnd {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: ThreadMessage) => void): unknown
  /** A port closes when the thread at its other end ends. A `Worker` reports its end in other ways. */
  on(event: 'close', listener: () => void): unknown
}

type ThreadMessage =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | ({ readonly kind: 'error'; readonly id: number } & ClonedError)

interface ClonedError {
  readonly message: string
  readonly code: unknown
  /** The message of its cause, for the log. */
  readonly cause: string | undefined
}

/** Offers functions to the thread at the other end, and calls those that it offers. */
export function connectThread<Theirs extends ThreadFunctions>(
  end: ThreadEnd,
  ours: ThreadFunctions,
): ConnectedThread<Theirs> {
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  let lastId = 0
  let ended: { readonly error: unknown } | undefined
  const fail = (error: unknown) => {
    ended ??= { error }
    for (const call of waiting.values()) call.reject(error)
    waiting.clear()
  }
  end.on('close', () => fail(new Error('The other thread has ended.')))
  end.on('message', async (message) => {
    if (message.kind === 'call') return end.postMessage(await answer(message, ours))
    const call = waiting.get(message.id)
    waiting.delete(message.id)
    if (message.kind === 'result') call?.resolve(message.value as never)
    else call?.reject(received(message))
  })
  return {
    call(name, argument) {
      const id = ++lastId
      const call = Promise.withResolvers<never>()
      if (ended !== undefined) {
        call.reject(ended.error)
        return call.promise
      }
      waiting.set(id, call)
      end.postMessage({ kind: 'call', id, name, argument } satisfies ThreadMessage)
      return call.promise
    },
    fail,
  }
}

async function answer(
  { id, name, argument }: ThreadMessage & { readonly kind: 'call' },
  ours: ThreadFunctions,
): Promise<ThreadMessage> {
  try {
    return { kind: 'result', id, value: await ours[name]?.(argument) }
  } catch (error) {
    const { message, code, cause } = error as NodeJS.ErrnoException
    return { kind: 'error', id, message, code, cause: cause instanceof Error ? cause.message : undefined }
  }
}

/** A cloned error would lose its class and its code. */
function received({ message, code, cause: reason }: ClonedError): Error {
  const cause = reason === undefined ? {} : { cause: new Error(reason) }
  if (isErrorCode(code)) return new RegistryError(code, message, cause)
  return Object.assign(new Error(message, cause), { code })
}
