type Handler<Input extends unknown[], Answer> = (...input: Input) => Promise<Answer>

/**
 * The handler that `start` makes, or where it throws, one that fails each invocation with the reason: a module that
 * throws is loaded again and again.
 */
export function startOrExplain<Input extends unknown[], Answer>(
  start: () => Handler<Input, Answer>,
): Handler<Input, Answer> {
  try {
    return start()
  } catch (error) {
    return async () => {
      throw error
    }
  }
}
