/** A mistake of the caller or an error of AWS, as a sentence. */
export class DeployError extends Error {}
