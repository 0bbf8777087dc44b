import { DiagLogLevel, diag } from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import {
  defaultResource,
  detectResources,
  envDetector,
  resourceFromAttributes,
} from '@opentelemetry/resources'
import { BasicTracerProvider, BatchSpanProcessor } from '@opentelemetry/sdk-trace-base'
import { packageVersion } from '../package-version.ts'
import { passTracer } from './pass-tracer.ts'
import { requestTracer } from './request-tracer.ts'
import type { Tracing } from './tracing.ts'

const SERVICE = 'prompt-registry'

/**
 * Traces by OTLP over HTTP as JSON, which every collector takes. The SDK reads the standard variables for the endpoint, its
 * headers, the sampler and the resource. `warn` gets the first problem.
 */
export function createTracing(warn: (problem: string) => void): Tracing {
  let warned = false
  const error = (...facts: unknown[]) => {
    if (!warned) warn(problemIn(facts))
    warned = true
  }
  const nothing = () => undefined
  diag.setLogger(
    { error, warn: nothing, info: nothing, debug: nothing, verbose: nothing },
    {
      logLevel: DiagLogLevel.ERROR,
      suppressOverrideMessage: true,
    },
  )
  const version = packageVersion()
  const own = resourceFromAttributes({ 'service.name': SERVICE, 'service.version': version })
  const provider = new BasicTracerProvider({
    resource: defaultResource()
      .merge(own)
      .merge(detectResources({ detectors: [envDetector] })),
    spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter())],
  })
  const tracer = provider.getTracer(SERVICE, version)
  return {
    request: requestTracer(tracer),
    pass: passTracer(tracer),
    // A collector that does not answer must not keep the process.
    end: () => provider.shutdown().catch(({ message }: Error) => error(message)),
  }
}

/** The SDK logs an error as JSON with its message and stack. */
function problemIn(facts: readonly unknown[]): string {
  const text = facts.map((fact) => (typeof fact === 'string' ? fact : '')).join(' ')
  const message = /"message":("(?:[^"\\]|\\.)*")/.exec(text)?.[1]
  return message === undefined ? text : JSON.parse(message)
}
