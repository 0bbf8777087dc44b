import type { Mode } from '../api/contract/mode.ts'
import type { Attempt, TierName } from './errors.ts'

/**
 * What happens in a client, for logs and metrics:
 *
 * - `changed`: the registry gave another text or version for a known reference.
 * - `refused`: the registry refuses a known reference from now on (`code` says why).
 * - `tier_failed`: a request to a tier failed, also one of which the caller saw nothing.
 * - `circuit_open`, `circuit_closed`: a tier is not asked, because it is down; it answers again.
 * - `stale_used`: every registry failed, and a known text was used.
 * - `local_used`: every registry failed, and a local file was used.
 * - `local_file_unread`: the front matter of a local file cannot be read, so all of the file was used.
 * - `archived`: a prompt is no longer on the branch of its source. Once for each reference.
 * - `moved`: an archived prompt has another id now (`movedTo`). Once for each id. The old one is used all the same.
 * - `unverified`: no signed set proves an answer of a snapshot or bundle, so it is not used.
 * - `snapshot_ignored`, `snapshot_failed`: a snapshot cannot be used; it cannot be written.
 *
 * @example
 * ```ts
 * client.on('event', (event: ClientEvent) => console.log(event.type))
 * ```
 */
export type ClientEvent =
  | { readonly type: 'changed'; readonly reference: string; readonly mode: Mode | undefined }
  | {
      readonly type: 'refused'
      readonly reference: string
      readonly mode: Mode | undefined
      readonly code: string
      readonly message: string
    }
  | ({ readonly type: 'tier_failed' } & Attempt)
  | { readonly type: 'circuit_open' | 'circuit_closed'; readonly tier: TierName }
  | {
      readonly type: 'stale_used' | 'local_used' | 'archived'
      readonly reference: string
      readonly mode: Mode | undefined
    }
  | {
      readonly type: 'moved'
      readonly reference: string
      readonly mode: Mode | undefined
      readonly movedTo: string
    }
  | {
      readonly type: 'unverified'
      readonly reference: string
      readonly mode: Mode | undefined
      readonly message: string
    }
  | { readonly type: 'local_file_unread'; readonly file: string; readonly message: string }
  | {
      readonly type: 'snapshot_ignored' | 'snapshot_failed'
      readonly file: string
      readonly message: string
    }

/**
 * Called with each event of a client. Errors that it throws are ignored.
 *
 * @example
 * ```ts
 * const listener: EventListener = (event) => console.log(event.type)
 * ```
 */
export type EventListener = (event: ClientEvent) => void

export interface Events {
  emit(event: ClientEvent): void
  /** Returns what removes the listener. */
  on(listener: EventListener): () => void
}

/** A listener that throws changes nothing for anybody else. */
export function createEvents(): Events {
  const listeners = new Set<EventListener>()
  return {
    emit(event) {
      for (const listener of listeners) {
        try {
          listener(event)
        } catch {
          // The error belongs to the listener, and nobody could handle it here.
        }
      }
    },
    on(listener) {
      listeners.add(listener)
      return () => {
        listeners.delete(listener)
      }
    },
  }
}
