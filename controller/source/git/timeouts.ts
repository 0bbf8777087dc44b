/** Times in milliseconds. */
export interface GitTimeouts {
  /** From the start of a command, or of a request of a listing, to the first byte of the host's answer. */
  readonly firstByteMs: number
  /** How long the host may be silent after it has begun to answer. */
  readonly silenceMs: number
}

/**
 * TCP resends a lost first packet after 1, 3 and 7 seconds, so a reachable host answers within ten. Servers send a
 * keep-alive every 5 seconds while they prepare a pack, so a transfer that is silent for a minute is dead.
 */
export const GIT_TIMEOUTS: GitTimeouts = { firstByteMs: 10_000, silenceMs: 60_000 }

export interface SilenceRules {
  /** `undefined` for a local repository, which has no first byte. */
  readonly firstByteMs: number | undefined
  /** `undefined` if something else watches the rest of the response. */
  readonly silenceMs: number | undefined
  /**
   * Whether every answer must begin in time, or only the first, because later answers may take long to prepare.
   */
  readonly eachAnswer: boolean
}

/** The timeout that expired. */
export type Silence = 'no answer' | 'silence'

export interface SilenceWatch {
  /** A request was sent. */
  asked(): void
  /** An answer began. */
  answered(): void
  /** The command printed something. It counts only after an answer has begun. */
  heard(): void
  stop(): void
}

/** Calls `onSilent` at most once, when a timeout expires. */
export function watchSilence(rules: SilenceRules, onSilent: (silence: Silence) => void): SilenceWatch {
  let timer: NodeJS.Timeout | undefined
  let awaiting = rules.firstByteMs !== undefined
  const arm = () => {
    clearTimeout(timer)
    const ms = awaiting ? rules.firstByteMs : rules.silenceMs
    const silence = awaiting ? 'no answer' : 'silence'
    timer = ms === undefined ? undefined : setTimeout(() => onSilent(silence), ms)
  }
  arm()
  return {
    asked() {
      if (!rules.eachAnswer || rules.firstByteMs === undefined) return
      awaiting = true
      arm()
    },
    answered() {
      awaiting = false
      arm()
    },
    heard() {
      if (!awaiting) timer?.refresh()
    },
    stop: () => clearTimeout(timer),
  }
}
