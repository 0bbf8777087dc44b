/** The metrics of a line in the embedded metric format, as an alarm names them; none where the line is another. */
export function metricsIn(line: string): string[] {
  if (!line.includes('"_aws"')) return []
  const record = JSON.parse(line)
  const [{ Namespace, Dimensions, Metrics }] = record._aws.CloudWatchMetrics
  const dimensions = Object.fromEntries(Dimensions[0].map((name: string) => [name, record[name]]))
  return Metrics.map(({ Name }: { Name: string }) => metricName(Namespace, Name, dimensions))
}

export function metricName(namespace: unknown, name: unknown, dimensions: unknown): string {
  return `${namespace} ${name} ${JSON.stringify(dimensions)}`
}
