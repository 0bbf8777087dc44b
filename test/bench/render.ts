import { compilePrompt } from '../../client/rendering/render.ts'

/**
 * Fills an 8 KB simple template with three values. The floor joins the same pieces by hand.
 *
 *   npm run bench -- render [rounds]
 */
const ROUNDS = Number(process.argv[2] ?? 9)
const CALLS = 100_000

const pieces = ['Dear ', `,\n${'word '.repeat(800)}`, `\n${'word '.repeat(800)}`, '.\n'] as const
const text = `${pieces[0]}{{name}}${pieces[1]}{{order.id}}${pieces[2]}{{tone}}${pieces[3]}`
const values = { name: 'Ada', order: { id: 'A-17' }, tone: 'calm' }
const render = compilePrompt(
  {
    text,
    language: 'simple',
    inputs: [
      { name: 'name', type: 'string', required: true },
      { name: 'order', type: 'object', required: true },
      { name: 'tone', type: 'string', required: true, enum: ['calm', 'brisk'] },
    ],
    messages: null,
  },
  { newMarker: () => '' },
)

const floor = () =>
  pieces[0] + values.name + pieces[1] + values.order.id + pieces[2] + values.tone + pieces[3]
const found = { floor: [] as number[], render: [] as number[] }
let used = 0
for (let round = 0; round < ROUNDS; round++) {
  found.floor.push(microseconds(floor))
  found.render.push(microseconds(() => render(values).text))
}
// The best round, because other programs only add time.
const [least, ours] = [Math.min(...found.floor), Math.min(...found.render)]
console.log(
  `render, 8 KB and three values, µs: ${ours.toFixed(2)}; floor ${least.toFixed(2)}; over it ${(ours - least).toFixed(2)}`,
)
if (used === 0) throw new Error('Nothing was rendered.')

function microseconds(work: () => string): number {
  const start = process.hrtime.bigint()
  for (let call = 0; call < CALLS; call++) used += work().length
  return Number(process.hrtime.bigint() - start) / CALLS / 1000
}
