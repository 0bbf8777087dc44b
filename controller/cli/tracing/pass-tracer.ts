import { ROOT_CONTEXT, type Span, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api'
import type { PassStep } from '../../pass/pass-input.ts'
import { runPass } from '../../pass/run-pass.ts'
import type { PassReport } from '../../state/pass-report.ts'
import type { Tracing } from './tracing.ts'

const STEPS: Readonly<Record<PassStep, string>> = {
  list: 'list refs',
  read: 'read repository',
  plan: 'plan',
  apply: 'apply',
}

/** A span for each pass, with one below it for each step that it takes. */
export function passTracer(tracer: Tracer): Tracing['pass'] {
  return (input) => {
    const source = { 'prompt_registry.source': input.source.name }
    const pass = tracer.startSpan('pass', { attributes: source }, ROOT_CONTEXT)
    const below = trace.setSpan(ROOT_CONTEXT, pass)
    return ended(pass, async () => {
      const report = await runPass({
        ...input,
        traced: (step, work) => ended(tracer.startSpan(STEPS[step], { attributes: source }, below), work),
      })
      pass.setAttributes(attributesOf(report))
      if (report.result === 'failed')
        pass.setStatus({ code: SpanStatusCode.ERROR, message: report.message ?? '' })
      return report
    })
  }
}

function attributesOf({ result, kind, commit, counts }: PassReport): Record<string, string | number> {
  const numbers = Object.entries(counts).map(([name, count]) => [`prompt_registry.pass.count.${name}`, count])
  return {
    'prompt_registry.pass.result': result,
    ...(kind !== null && { 'prompt_registry.pass.kind': kind }),
    ...(commit !== null && { 'vcs.ref.head.revision': commit }),
    ...Object.fromEntries(numbers),
  }
}

/** Ends the span with the work. A failure is an error of the span. */
async function ended<T>(span: Span, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    span.recordException(error as Error)
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message })
    throw error
  } finally {
    span.end()
  }
}
