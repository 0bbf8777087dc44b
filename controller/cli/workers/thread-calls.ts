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
  /** Rejects the calls in progress, because the other thread has ended. */
  readonly fail: (error: unknown) => void
}

/** One end of the channel between two threads: a `Worker` or its parent's port. */
interface ThreadEnd {
  postMessage(message: unknown): void
  on(event: 'message', listener: (message: ThreadMessage) => void): unknown
}

type ThreadMessage =
  | { readonly kind: 'call'; readonly id: number; readonly name: string; readonly argument: unknown }
  | { readonly kind: 'result'; readonly id: number; readonly value: unknown }
  | { readonly kind: 'error'; readonly id: number; readonly message: string; readonly code: unknown }

/** Offers functions to the thread at the other end, and calls those that it offers. */
export function connectThread<Theirs extends ThreadFunctions>(
  end: ThreadEnd,
  ours: ThreadFunctions,
): ConnectedThread<Theirs> {
  const waiting = new Map<number, PromiseWithResolvers<never>>()
  let lastId = 0
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
      waiting.set(id, call)
      end.postMessage({ kind: 'call', id, name, argument } satisfies ThreadMessage)
      return call.promise
    },
    fail(error) {
      for (const call of waiting.values()) call.reject(error)
    },
  }
}

async function answer(
  { id, name, argument }: ThreadMessage & { readonly kind: 'call' },
  ours: ThreadFunctions,
): Promise<ThreadMessage> {
  try {
    return { kind: 'result', id, value: await ours[name]?.(argument) }
  } catch (error) {
    const { message, code } = error as NodeJS.ErrnoException
    return { kind: 'error', id, message, code }
  }
}

/** A cloned error would lose its class and its code. */
function received({ message, code }: ThreadMessage & { readonly kind: 'error' }): Error {
  return isErrorCode(code) ? new RegistryError(code, message) : Object.assign(new Error(message), { code })
}
