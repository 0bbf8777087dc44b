import { largeConsole } from '../console/large-registry.ts'
import { pagesOf } from '../console/pages.ts'

/** `npm run bench -- console`: processor time and store calls of each page, median of 15 visits. */
const large = await largeConsole()
const timed = async (path: string) => {
  const before = process.cpuUsage()
  const page = await (await large.get(path)).text()
  const { user, system } = process.cpuUsage(before)
  return { ms: (user + system) / 1000, bytes: page.length }
}
// The first request of a process loads parts of Node, which a server has loaded before.
await timed('/console/nosuch')
// The second one needs the whole list, which the first one reads in the background.
for (const path of ['/console', '/console?q=prompt-1', '/console/audit']) {
  large.reset()
  const { ms } = await timed(path)
  console.log(`${path}: first visit ${ms.toFixed(0)} ms, ${large.calls()} store calls`)
}
for (const path of [...pagesOf('many'), '/console?q=prompt-4711', '/console?status=draft&page=100']) {
  const visits: { ms: number; bytes: number }[] = []
  for (let visit = 0; visit < 15; visit++) visits.push(await timed(path))
  large.reset()
  await timed(path)
  const [{ ms, bytes } = { ms: 0, bytes: 0 }] = visits.toSorted((a, b) => a.ms - b.ms).slice(7)
  console.log(`${path}: ${ms.toFixed(1)} ms, ${large.calls()} store calls, ${Math.round(bytes / 1000)} KB`)
}
large.close()
