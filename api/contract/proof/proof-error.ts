/** Why something is not proven. The message is a sentence that names the reason. */
export class ProofError extends Error {
  static override readonly name: string = 'ProofError'
}
