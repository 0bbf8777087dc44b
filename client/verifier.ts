/** What checks prompts against signed sets: one module, loaded only with the option `verify`. */
export { createVerifier } from './verifier/verifier.ts'
