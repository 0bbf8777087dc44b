import type { CliRuntime } from '../cli-runtime.ts'
import { printNote } from '../output.ts'
import type { Tracing } from './tracing.ts'

const PACKAGES =
  '@opentelemetry/api@1.9 @opentelemetry/resources @opentelemetry/sdk-trace-base @opentelemetry/exporter-trace-otlp-http'

/** Loads OpenTelemetry if the standard variables name an endpoint for traces; otherwise loads nothing. */
export async function startTracing(
  runtime: Pick<CliRuntime, 'env' | 'stderr'>,
): Promise<Tracing | undefined> {
  if (!isWanted(runtime)) return undefined
  try {
    const { createTracing } = await import('./open-telemetry.ts')
    return createTracing((problem) =>
      printNote(runtime, `Traces cannot be sent: ${problem}. Check OTEL_EXPORTER_OTLP_ENDPOINT.`),
    )
  } catch (error) {
    if (!/^ERR_MODULE_NOT_FOUND$/.test(String((error as { code?: unknown }).code))) throw error
    printNote(runtime, `No traces: OpenTelemetry is not installed. Run: npm install ${PACKAGES}`)
    return undefined
  }
}

function isWanted({ env }: Pick<CliRuntime, 'env'>): boolean {
  const endpoint = env.OTEL_EXPORTER_OTLP_TRACES_ENDPOINT || env.OTEL_EXPORTER_OTLP_ENDPOINT
  const isOff = env.OTEL_SDK_DISABLED?.toLowerCase() === 'true' || env.OTEL_TRACES_EXPORTER === 'none'
  return Boolean(endpoint) && !isOff
}
