export { createMetrics, createWorkerMetrics, type Metrics, type ThreadMetrics } from './metrics.ts'
export { listenForMetrics, METRICS_PATH, metricsBeside } from './metrics-endpoint.ts'
