export { createMetrics, type Metrics } from './metrics.ts'
export { listenForMetrics, METRICS_PATH, metricsBeside } from './metrics-endpoint.ts'
