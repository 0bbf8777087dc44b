import { type Html, html } from '../html.ts'
import type { ShownPass } from '../reading/source-view.ts'
import type { Tone } from './parts.ts'

const WIDTH = 24
const HEIGHT = 60
const SHORTEST = 6

/** The last passes as bars, oldest first: longer passes are higher, on a logarithmic scale. */
export function passChart(passes: readonly ShownPass[]): Html {
  const shown = passes.slice(0, 10).toReversed()
  const longest = Math.max(1, ...shown.map(({ duration_ms }) => Math.log1p(duration_ms)))
  const bars = shown.map((pass, index) => {
    const height = SHORTEST + (HEIGHT - SHORTEST) * (Math.log1p(Math.max(0, pass.duration_ms)) / longest)
    const [x, y] = [(index * WIDTH).toFixed(0), (HEIGHT - height).toFixed(1)]
    return html`<rect class="${passTone(pass.result)}" x="${x}" y="${y}" width="${String(WIDTH - 6)}" height="${height.toFixed(1)}" rx="2"/>`
  })
  const count = `${shown.length} ${shown.length === 1 ? 'pass' : 'passes'}`
  return html`<svg class="chart" viewBox="0 0 ${String(WIDTH * 10)} ${String(HEIGHT)}" preserveAspectRatio="xMinYMid meet" role="img" aria-label="The last ${count}, oldest first. The table has the figures.">${bars}</svg>`
}

const TONES: Readonly<Record<string, Tone>> = {
  synced: 'good',
  unchanged: 'good',
  incomplete: 'warn',
  held: 'warn',
  failed: 'bad',
}

export function passTone(result: string): Tone {
  return TONES[result] ?? 'plain'
}
