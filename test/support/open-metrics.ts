/** A sample of a metric family. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

export interface MetricFamily {
  readonly type: string
  readonly samples: readonly Sample[]
}

const SUFFIXES: Readonly<Record<string, readonly string[]>> = {
  counter: ['_total'],
  gauge: [''],
  histogram: ['_bucket', '_sum', '_count'],
}

/**
 * Reads the OpenMetrics text format by its rules: families do not interleave, each has HELP and TYPE before its samples,
 * samples have the suffixes of their type and no two have the same labels, and the text ends with `# EOF`.
 */
export function parseOpenMetrics(text: string): ReadonlyMap<string, MetricFamily> {
  if (!text.endsWith('\n# EOF\n')) throw new Error('The text does not end with # EOF.')
  const families = new Map<string, { type: string; samples: Sample[] }>()
  let current = ''
  const seen = new Set<string>()
  for (const line of text.slice(0, -'# EOF\n'.length - 1).split('\n')) {
    const [, kind, family = '', rest = ''] = /^# (HELP|TYPE) (\S+) (.+)$/.exec(line) ?? []
    if (kind === 'HELP') {
      if (families.has(family)) throw new Error(`The family ${family} occurs twice.`)
      families.set(family, { type: '', samples: [] })
      current = family
      continue
    }
    const about = families.get(current)
    if (about === undefined) throw new Error(`A line before any family: ${line}`)
    if (kind === 'TYPE') {
      if (family !== current || SUFFIXES[rest] === undefined) throw new Error(`Wrong type: ${line}`)
      about.type = rest
      continue
    }
    const sample = sampleOf(line)
    const suffixes = SUFFIXES[about.type] ?? []
    if (!suffixes.some((suffix) => sample.name === current + suffix)) throw new Error(`Wrong name: ${line}`)
    const key = line.slice(0, line.lastIndexOf(' '))
    if (seen.has(key)) throw new Error(`The sample ${key} occurs twice.`)
    seen.add(key)
    about.samples.push(sample)
  }
  return families
}

function sampleOf(line: string): Sample {
  const [, name = '', labels = '', value = ''] =
    /^([a-zA-Z_:][\w:]*)(?:\{((?:[a-zA-Z_]\w*="(?:[^"\\\n]|\\.)*",?)*)\})? (\S+)$/.exec(line) ?? []
  const number = Number(value.replace('+Inf', 'Infinity'))
  if (name === '' || (Number.isNaN(number) && !/^nan$/i.test(value))) throw new Error(`Not a sample: ${line}`)
  const pairs = [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)]
  return {
    name,
    labels: Object.fromEntries(pairs.map(([, label = '', text = '']) => [label, text])),
    value: number,
  }
}
