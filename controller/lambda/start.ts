type StartedHandler<Input extends unknown[], Answer> = (...input: Input) => Promise<Answer>

/**
 * Returns the handler from `start`. If `start` throws, returns a handler that fails each invocation with that
 * error, because Lambda keeps reloading a module that throws.
 */
export function startOrExplain<Input extends unknown[], Answer>(
  start: () => StartedHandler<Input, Answer>,
): StartedHandler<Input, Answer> {
  try {
    return start()
  } catch (error) {
    return async () => {
      throw error
    }
  }
}
