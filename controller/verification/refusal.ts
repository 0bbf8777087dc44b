/** Why a signature is not accepted: `message` is a clause of which the tag is the subject. */
export class Refusal extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Refusal'
  }
}
