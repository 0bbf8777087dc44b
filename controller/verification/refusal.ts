/** A refused signature. `message` is a clause with the tag as its subject. */
export class SignatureRefusal extends Error {
  constructor(message: string, options?: { cause?: unknown }) {
    super(message, options)
    this.name = 'Refusal'
  }
}
