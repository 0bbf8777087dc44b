import { isFields } from '../belief.ts'
import { sourcePath } from '../paths.ts'
import type { SendOptions, Transport } from '../transport/transport.ts'
import type { CheckAnswer, ProofProblem, Verifier } from '../verification.ts'

/** See `Verifier.answersOf`. */
export function createCheckAnswer(
  transport: Transport,
  { add, check }: Pick<Verifier, 'add' | 'check'>,
): CheckAnswer {
  const asking = new Map<string, Promise<ProofProblem | undefined>>()

  const askForProof = async (source: string, options: SendOptions): Promise<ProofProblem | undefined> => {
    const request = { method: 'GET', path: sourcePath(source, 'set'), query: { include: 'proof' } } as const
    const { status, body } = await transport.send(request, options)
    if (status < 400 && isFields(body) && body.proof != null) return add(body.proof)
    return { kind: 'invalid', message: `The registry has no signed set of source "${source}".` }
  }
  /** One request for all prompts of a source that need it at once. */
  const renew = (source: string, options: SendOptions) => {
    const running =
      asking.get(source) ?? askForProof(source, options).finally(() => void asking.delete(source))
    asking.set(source, running)
    return running
  }

  return async (question, found, document, options) => {
    const fields = isFields(document) ? document : {}
    const parts = partsIn(fields, found.text)
    const first = await check(question, found, parts)
    if (typeof first !== 'string' || typeof fields.source !== 'string') return first
    const problem = await renew(fields.source, options)
    return problem?.message ?? (await check(question, found, parts))
  }
}

/** The parts in an answer with `include=file`. `undefined` if its file does not end with its content. */
function partsIn(
  { file, additions, sidecars, files }: Readonly<Record<string, unknown>>,
  text: string,
): unknown {
  if (file === null || file === undefined) return { frontMatter: null, additions, sidecars, files }
  if (typeof file !== 'string' || !file.endsWith(text)) return undefined
  return { frontMatter: file.slice(0, file.length - text.length), additions, sidecars, files }
}
